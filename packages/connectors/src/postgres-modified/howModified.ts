import { formatDuration } from '@reindeer/core';
import { type ModifiedTarget, modifiedBound } from './modifiedBound.ts';

/**
 * How completely changes are found by the modified column: `exact`, or `lagged by 5 min` and why. What is wrong with the
 * column, and what it loses, `describe` says.
 */
export async function howModified(target: ModifiedTarget, signal: AbortSignal): Promise<string> {
  const exactness = await modifiedBound(target, signal);
  return exactness === 'exact' ? 'exact' : `lagged by ${formatDuration(exactness.lagMs)}: ${exactness.because}`;
}
