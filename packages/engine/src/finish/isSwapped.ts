import type { ClaimedTask } from '@reindeer/ledger';
import type { OpenIndex } from '../context.ts';

/**
 * Whether the swap was made, and only the record of it is missing: the generation is live, and its intent was recorded
 * before this task was claimed. A view or alias that a person moved to it meanwhile proves nothing of it (I6).
 */
export async function isSwapped(
  index: OpenIndex,
  finish: ClaimedTask,
  generation: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (finish.phase !== 'promoting') return false;
  const live = await index.sink.live(finish.index, signal);
  return live?.generation.name === generation;
}
