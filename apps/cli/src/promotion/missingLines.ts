import type { IndexDefinition } from '@reindeer/core';
import type { GenerationView } from '@reindeer/ledger';
import { formatMoment } from '../terminal/format.ts';

/** What a generation that was just made live by hand may lack, and what mends it; nothing where it lacks nothing (rule 8). */
export function missingLines(
  { name, source, incremental }: IndexDefinition,
  generation: Pick<GenerationView, 'retiredAt' | 'createdAt' | 'staleReason'> | undefined,
  asked: { readonly direction: 'back' | 'on'; readonly force: boolean },
  nowMs: number,
): readonly string[] {
  const lacks = lacking(source.changes, incremental !== null, asked.force && generation?.staleReason != null);
  if (lacks === null && !asked.force) return [];
  const since = sinceText(generation, asked.direction, nowMs);
  return [
    lacks === null ? `Made live by force: what was not caught up${since} may not be in it.` : `${lacks(since)}`,
    `A refresh of every shard is owed and follows by itself: reindeer status ${name}`,
  ];
}

function lacking(
  changes: IndexDefinition['source']['changes'],
  feed: boolean,
  stale: boolean,
): ((since: string) => string) | null {
  if (changes === 'none' || !feed || stale)
    return (since) => `What was inserted, changed or deleted in the source${since} may not be so in it.`;
  if (changes === 'modified-column')
    return (since) =>
      `Rows that were deleted from the source${since} may still be in it: a modified column shows no deletes.`;
  return null;
}

function sinceText(
  generation: { retiredAt: string | null; createdAt: string } | undefined,
  direction: 'back' | 'on',
  nowMs: number,
) {
  if (generation === undefined) return '';
  const { retiredAt, createdAt } = generation;
  if (direction === 'back' && retiredAt !== null) return ` since it was live last (${formatMoment(retiredAt, nowMs)})`;
  return ` since it was built (${formatMoment(createdAt, nowMs)})`;
}
