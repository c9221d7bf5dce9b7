import { decidePromotion, followsSource, RefusedError, shardRanges } from '@reindeer/core';
import {
  addVerification,
  advancePhase,
  type ClaimedTask,
  type GenerationRow,
  joinFeed,
  type Ledger,
  noteSettled,
  readCatchUp,
  readEvidence,
  readGeneration,
  recordForcedIntent,
  recordIntent,
} from '@reindeer/ledger';
import type { EngineContext, OpenIndex } from '../context.ts';
import { askCanaries } from '../evidence/askCanaries.ts';
import { digestSlices } from '../plan/digestSlices.ts';
import { type Finish, notYet } from './finish.ts';
import { isSwapped } from './isSwapped.ts';
import { owedAfter, promote } from './promote.ts';

/**
 * Finishes a rebuild whose slices are all written: settle, join the feed, caught up, evidence, intent, promote. Every step
 * can be repeated by another worker: what is done is seen in the sink and the ledger, not remembered.
 */
export async function finishRebuild(
  context: EngineContext,
  index: OpenIndex,
  finish: ClaimedTask,
  keepGenerations: number,
  signal: AbortSignal,
): Promise<Finish> {
  if (finish.generation === null) throw new RefusedError('generation-gone', `Run ${finish.run} has no generation.`);
  const { id, name } = finish.generation;
  const { ledger } = context;
  const { definition } = index;
  const follows = definition.incremental !== null;
  if (!(await isSwapped(index, finish, name, signal))) {
    const settled = await settle(context, index, { id, name }, signal);
    const gate = { generation: id, after: 'settled', maxLagMs: definition.rebuild.maxLagMs } as const;
    if (follows) {
      if (!(await joinFeed(ledger, finish, id)))
        return {
          kind: 'refused',
          reason: 'changes-pruned',
          detail: `Changes were not followed all the while that it was built, so nobody knows what it lacks. Start a new run: \`reindeer run ${finish.index}\`.`,
        };
      const early = notYet(await readCatchUp(ledger, finish.run, gate));
      if (early !== null) return early;
    }
    await advancePhase(ledger, finish, 'caught-up');
    const verified = await verify(context, index, finish, settled);
    if (verified !== null) return verified;
    const decision = decidePromotion({
      slices: await readEvidence(ledger, finish.run),
      budget: definition.errors,
      sinkCount: settled.documents ?? 0,
      canaries: await askCanaries(index, { index: finish.index, name }, signal),
    });
    if (decision.kind === 'refuse') return { kind: 'refused', reason: decision.reason, detail: decision.detail };
    if (follows) {
      const early = notYet(await recordIntent(ledger, finish, gate));
      if (early !== null) return early;
    } else await recordForcedIntent(ledger, finish);
  }
  const promotion = { id, name, caughtUp: followsSource(definition), owed: owedAfter(definition) };
  await promote(context, index, finish, promotion, keepGenerations, signal);
  return { kind: 'promoted' };
}

/** Once: how many documents a search can see of it is noted when nobody but its own run has written to it. */
async function settle(
  { ledger }: EngineContext,
  index: OpenIndex,
  { id, name }: { readonly id: number; readonly name: string },
  signal: AbortSignal,
): Promise<GenerationRow> {
  const before = await requireGeneration(ledger, id);
  if (before.settledAt !== null && before.documents !== null) return before;
  const generation = { index: index.definition.name, name };
  await index.sink.settle(generation, signal);
  await noteSettled(ledger, id, await index.sink.count(generation, signal));
  return requireGeneration(ledger, id);
}

async function requireGeneration(ledger: Ledger, id: number): Promise<GenerationRow> {
  const row = await readGeneration(ledger, id);
  if (row === null) throw new RefusedError('generation-gone', `Generation ${id} is not in the ledger any more.`);
  return row;
}

/**
 * Compares every document with its row, by digests, in slices of their own. Only where every change is followed: elsewhere
 * what changed during the rebuild would be told as a difference. null: it is done.
 */
async function verify(
  context: EngineContext,
  index: OpenIndex,
  finish: ClaimedTask,
  { shardBounds, documents }: GenerationRow,
): Promise<Finish | null> {
  if (index.definition.source.changes !== 'log') return null;
  const shards = shardRanges(shardBounds);
  const perShard = Math.ceil((documents ?? 0) / shards.length);
  const verification = await addVerification(context.ledger, finish, (last) => digestSlices(shards, perShard, last));
  if (verification.kind === 'completed') return null;
  if (verification.kind === 'added') await context.deliver(verification.due);
  const [done, all] =
    verification.kind === 'added' ? [0, shards.length] : [verification.completed, verification.slices];
  return {
    kind: 'later',
    reason: 'not-caught-up',
    detail: `It is compared with its source: ${done} of ${all} shards are done.`,
  };
}
