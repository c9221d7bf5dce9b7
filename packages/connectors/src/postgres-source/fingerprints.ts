import { type BucketSet, documentId, type KeyRange } from '@reindeer/core';
import { runStatement } from '../postgres/statement.ts';
import type { FingerprintPage, ReadPace, RowFingerprint } from '../source.ts';
import { bucketPrefix } from './bucketSql.ts';
import type { SourceContext } from './context.ts';
import { keyColumns, keyText, rangeCondition } from './keySql.ts';
import { type Layout, loadLayout } from './layout.ts';
import { readKey } from './page.ts';
import { rowDocument } from './rowDocument.ts';

/** Rows that one statement goes through: half a second or so. */
const MOST_PASSED = 200_000;

/** Pages in key order, each a statement of its own that goes through so many rows that about a page of them is wanted. */
export async function* listFingerprints(
  context: SourceContext,
  range: KeyRange,
  buckets: BucketSet,
  pace: ReadPace,
  signal: AbortSignal,
): AsyncGenerator<FingerprintPage, void, undefined> {
  const layout = await loadLayout(context, signal);
  const share = buckets.prefixes.size / 2 ** buckets.bits;
  let after = range.after;
  for (;;) {
    const wanted = Math.max(1, Math.floor(pace.maxDocuments()));
    const limit = Math.min(MOST_PASSED, Math.ceil(wanted / Math.max(share, wanted / MOST_PASSED)));
    const page = await loadFingerprints(
      context,
      layout,
      { range: { after, upTo: range.upTo }, buckets, limit, timeoutMs: pace.timeoutMs },
      signal,
    );
    if (page === null) return;
    yield page;
    if (page.passed < limit) return;
    after = page.last;
  }
}

interface Wanted {
  readonly range: KeyRange;
  readonly buckets: BucketSet;
  readonly limit: number;
  readonly timeoutMs: number;
}

/** null: no row is in the range. The last row that was gone through comes in any case, without a hash where it is not wanted. */
async function loadFingerprints(
  context: SourceContext,
  layout: Layout,
  { range, buckets, limit, timeoutMs }: Wanted,
  signal: AbortSignal,
): Promise<FingerprintPage | null> {
  const condition = rangeCondition(layout, range);
  const next = condition.values.length;
  const answer = await runStatement(
    context.pool,
    {
      text: fingerprintsText(context, layout, condition.sql, { bits: buckets.bits, parameters: next }),
      values: [...condition.values, context.seed, limit, [...buckets.prefixes]],
      timeoutMs,
    },
    signal,
  );
  const width = layout.key.length;
  const documents: RowFingerprint[] = [];
  for (const row of answer.rows) {
    const f1 = row[width + 1] ?? null;
    if (f1 === null) continue;
    const key = readKey(context, row.slice(0, width));
    documents.push({ key, id: documentId(key), f1: Number(f1), f2: Number(row[width + 2]) });
  }
  const last = answer.rows.at(-1);
  if (last === undefined) return null;
  return { documents, last: readKey(context, last.slice(0, width)), passed: Number(last[width]) };
}

/** Rows are hashed only where they are wanted. The windows' order is the inner query's, so nothing is sorted again. */
function fingerprintsText(
  context: SourceContext,
  layout: Layout,
  condition: string,
  { bits, parameters }: { bits: number; parameters: number },
): string {
  const columns = keyColumns(layout);
  const order = columns.map((_, place) => `o${place}`);
  const row = rowDocument(context, layout);
  const [seed, limit, prefixes] = [
    `$${parameters + 1}::bigint`,
    `$${parameters + 2}::bigint`,
    `$${parameters + 3}::int[]`,
  ];
  return `select ${layout.key.map((column, place) => keyText(column, `p.o${place}`)).join(', ')}, p.place,
       (p.hash >> 32) & 4294967295, p.hash & 4294967295
  from (select s.*, row_number() over sofar as place, lead(1) over sofar as follows
          from (select ${columns.map((column, place) => `${column} as o${place}`).join(', ')},
                       case when ${bucketPrefix(layout, bits)} = any (${prefixes}) then ${row.hash(seed ?? '')} end as hash
                  from ${row.rows}${row.record}
                 where ${condition}
                 order by ${columns.join(', ')}
                 limit ${limit}) as s
        window sofar as (order by ${order.map((name) => `s.${name}`).join(', ')})) as p
 where p.hash is not null or p.follows is null
 order by ${order.map((name) => `p.${name}`).join(', ')}`;
}
