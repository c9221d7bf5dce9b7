import type { LiveGeneration } from '@reindeer/connectors';
import { RefusedError } from '@reindeer/core';
import { type ClaimedTask, readGenerations, readOtherPromotion } from '@reindeer/ledger';
import type { EngineContext, OpenIndex } from '../context.ts';
import { bringUp } from '../identity/compareLedger.ts';
import { settleSwaps } from './settleSwaps.ts';

/** The swap. Its outcome is read from what is live, so a swap whose answer was lost is not made twice. */
export async function swap(
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
    await bringUp(context, index, finish, signal);
    const moved = new RefusedError(
      'sink-moved',
      `${live.generation.name} is live in the sink, but the ledger knows ${known?.name ?? 'no live generation'}. Somebody moved it, or another deployment writes here: give each its own index names, then \`reindeer retry ${finish.run}\`.`,
    );
    throw (await overtaken(context, index, finish, generation, null, signal)) ?? moved;
  }
  try {
    return await index.sink.promote(generation, live, signal, finish.options.adopt);
  } catch (error) {
    if (!(error instanceof RefusedError) || error.reason !== 'sink-moved') throw error;
    throw (await overtaken(context, index, finish, generation, live, signal)) ?? error;
  }
}

/**
 * Of two promotions that end together one comes first: then nobody moved anything by hand. Which of them is meant to be
 * served only a person knows. null: it is not that.
 * @param before what was live until a moment ago; null: not known
 */
async function overtaken(
  { ledger }: EngineContext,
  index: OpenIndex,
  finish: ClaimedTask,
  generation: { index: string; name: string },
  before: LiveGeneration | null,
  signal: AbortSignal,
): Promise<RefusedError | null> {
  // What it moved to may be no one generation: then the first error says so.
  const live = await index.sink.live(finish.index, signal).catch(() => null);
  if (live === null || live.generation.name === before?.generation.name) return null;
  const { name } = live.generation;
  const other = await readOtherPromotion(ledger, finish.index, name, finish.run);
  if (other === null) return null;
  return new RefusedError(
    'superseded',
    `Another promotion${other.run === null ? '' : `, run ${other.run},`} made ${name} live first, while this one was under way. ${generation.name} is kept for now, and searches are answered from ${name}. If it is ${generation.name} that they should be answered from: \`reindeer promote ${finish.index} ${generation.name}\`.`,
  );
}
