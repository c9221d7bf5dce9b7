import type { LiveGeneration } from '@reindeer/connectors';
import { RefusedError } from '@reindeer/core';
import { type ClaimedTask, readGenerations } from '@reindeer/ledger';
import type { EngineContext, OpenIndex } from '../context.ts';
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
    throw new RefusedError(
      'sink-moved',
      `${live.generation.name} is live in the sink, but the ledger knows ${known?.name ?? 'no live generation'}. Somebody moved it, or another deployment writes here: give each its own index names, then \`reindeer retry ${finish.run}\`.`,
    );
  }
  return index.sink.promote(generation, live, signal, finish.options.adopt);
}
