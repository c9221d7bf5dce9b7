import type { RunView } from '@reindeer/core';
import { plural } from '../terminal/format.ts';
import { leavesDifferent } from './leavesDifferent.ts';

/**
 * The command that mends what a verify found, which only reports; null: it found nothing. What only a deep one sees, only a
 * deep repair mends: any other would say that nothing differs. Of a refresh, that it could not mend all.
 */
export function mendingLine(
  view: Pick<RunView, 'index' | 'run'> & Parameters<typeof leavesDifferent>[0],
  { deep, shard }: { readonly deep: boolean; readonly shard: number | null },
): string | null {
  if (!leavesDifferent(view)) return null;
  const { lane, index, run, documents } = view;
  if (lane === 'refresh')
    return `Not all of it could be mended: ${plural(documents.failed, 'document')} refused. Why: ${run === null ? `reindeer status ${index}` : `reindeer show ${run}`}`;
  return `Mend it: reindeer verify ${index}${deep ? ' --deep' : ''} --repair${shard === null ? '' : ` --shard ${shard}`}`;
}
