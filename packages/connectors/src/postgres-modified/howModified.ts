import { formatDuration } from '@reindeer/core';
import type { SourceContext } from '../postgres-source/context.ts';
import { EXACT_COUNT_COST } from '../postgres-source/estimate.ts';
import { explained } from '../postgres-source/explained.ts';
import { takeBound } from './modifiedBound.ts';

/**
 * How completely changes are found by the modified column: `exact`, or `lagged by 5 min` and why. What is wrong with the
 * column, and what it loses, `describe` says.
 */
export async function howModified(
  of: Pick<SourceContext, 'pool' | 'connection' | 'index' | 'definition'>,
  signal: AbortSignal,
): Promise<string> {
  const context: SourceContext = { ...of, seed: '0', exactBoundariesCost: EXACT_COUNT_COST };
  const { exactness } = await explained(context, signal, () => takeBound(context, signal));
  return exactness === 'exact' ? 'exact' : `lagged by ${formatDuration(exactness.lagMs)}: ${exactness.because}`;
}
