import type { RunView } from '@reindeer/core';

/**
 * The command that mends what a verify found, which only reports; null: it found nothing. What only a deep one sees, only a
 * deep repair mends: any other would say that nothing differs.
 */
export function mendingLine(
  { lane, index, differences: { missing, extra, stale } }: Pick<RunView, 'lane' | 'index' | 'differences'>,
  { deep, shard }: { readonly deep: boolean; readonly shard: number | null },
): string | null {
  if (lane !== 'verify' || missing + extra + stale === 0) return null;
  return `Mend it: reindeer verify ${index}${deep ? ' --deep' : ''} --repair${shard === null ? '' : ` --shard ${shard}`}`;
}
