import type { LiveGeneration } from '@reindeer/connectors';
import { decidePromotion, type Reason, RefusedError } from '@reindeer/core';
import {
  advancePhase,
  type ClaimedTask,
  noteSettled,
  readEvidence,
  readGenerations,
  recordPromotion,
  supersedeInPlaceRuns,
} from '@reindeer/ledger';
import type { EngineContext, OpenIndex } from '../context.ts';
import { dropGenerations } from './dropGenerations.ts';
import { settleSwaps } from './settleSwaps.ts';

export type Finish =
  | { readonly kind: 'promoted' }
  | { readonly kind: 'refused'; readonly reason: Reason; readonly detail: string };

/**
 * Finishes a rebuild whose slices are all written: settle, evidence, promote, retire. Every step can be repeated by
 * another worker: what is done is seen in the sink, not remembered.
 */
export async function finishRebuild(
  context: EngineContext,
  index: OpenIndex,
  finish: ClaimedTask,
  keepGenerations: number,
  signal: AbortSignal,
): Promise<Finish> {
  if (finish.generation === null) throw new RefusedError('generation-gone', `Run ${finish.run} has no generation.`);
  const generation = { index: finish.index, name: finish.generation.name };
  await index.sink.settle(generation, signal);
  await noteSettled(context.ledger, finish.generation.id);
  // Changes are not followed, so there is nothing to catch up with: the run says `caughtUp: false` (rule 10).
  await advancePhase(context.ledger, finish, 'caught-up');

  const documents = await index.sink.count(generation, signal);
  const decision = decidePromotion({
    slices: await readEvidence(context.ledger, finish.run),
    budget: index.definition.errors,
    sinkCount: documents,
  });
  if (decision.kind === 'refuse') return { kind: 'refused', reason: decision.reason, detail: decision.detail };
  await advancePhase(context.ledger, finish, 'verified');

  const live = await swap(context, index, finish, generation, signal);
  await recordPromotion(context.ledger, finish, {
    generation: finish.generation.id,
    epoch: live.epoch,
    documents,
    caughtUp: false,
  });
  context.observer.event('info', 'promoted', {
    run: finish.run,
    index: finish.index,
    generation: generation.name,
    documents,
  });
  await supersedeInPlaceRuns(context.ledger);
  // What may go now goes now; what fails here the scheduler's sweep tries again.
  await dropGenerations(context, index, keepGenerations, signal).catch((error: unknown) =>
    context.observer.event('warn', 'old generations were not dropped yet', { index: finish.index, error }),
  );
  return { kind: 'promoted' };
}

/** The swap. Its outcome is read from what is live, so a swap whose answer was lost is not made twice. */
async function swap(
  context: EngineContext,
  index: OpenIndex,
  finish: ClaimedTask,
  generation: { index: string; name: string },
  signal: AbortSignal,
): Promise<LiveGeneration> {
  const live = await index.sink.live(finish.index, signal);
  if (live?.generation.name === generation.name) return live;
  await settleSwaps(context, index, signal);
  const [known] = await readGenerations(context.ledger, finish.index, ['live']);
  if (live !== null && live.generation.name !== known?.name) {
    throw new RefusedError(
      'sink-moved',
      `${live.generation.name} is live in the sink, but the ledger knows ${known?.name ?? 'no live generation'}. Somebody moved it, or another deployment writes here: give each its own index names, then \`reindeer retry ${finish.run}\`.`,
    );
  }
  return index.sink.promote(generation, live, signal, finish.options.adopt);
}
