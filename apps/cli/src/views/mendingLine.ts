import type { RunView } from '@reindeer/core';
import { plural } from '../terminal/format.ts';

/**
 * The command that mends what a verify found, which only reports; null: it found nothing. What only a deep one sees, only a
 * deep repair mends: any other would say that nothing differs. Of a refresh, that it could not mend all.
 */
export function mendingLine(
  {
    lane,
    index,
    run,
    documents,
    differences: { missing, extra, stale },
  }: Pick<RunView, 'lane' | 'index' | 'differences'> & {
    readonly run: number | null;
    readonly documents: { readonly failed: number };
  },
  { deep, shard }: { readonly deep: boolean; readonly shard: number | null },
): string | null {
  const differs = missing + extra + stale > 0;
  if (lane === 'refresh' && differs && documents.failed > 0)
    return `Not all of it could be mended: ${plural(documents.failed, 'document')} refused. Why: ${run === null ? `reindeer status ${index}` : `reindeer show ${run}`}`;
  if (lane !== 'verify' || !differs) return null;
  return `Mend it: reindeer verify ${index}${deep ? ' --deep' : ''} --repair${shard === null ? '' : ` --shard ${shard}`}`;
}
