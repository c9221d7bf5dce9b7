import type { RunView } from '@reindeer/core';

/**
 * Whether index and source differ still, after a verify or a refresh. A refresh has mended what it found, but for what was
 * refused. Rows that a transform refuses are no differences.
 */
export function leavesDifferent({
  lane,
  documents,
  differences: { missing, extra, stale },
}: Pick<RunView, 'lane' | 'differences'> & { readonly documents: Pick<RunView['documents'], 'failed'> }): boolean {
  if (missing + extra + stale === 0) return false;
  return lane === 'verify' || (lane === 'refresh' && documents.failed > 0);
}
