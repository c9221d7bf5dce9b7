import { type DigestEntry, InputError, type KeyRange } from '@reindeer/core';
import { runStatement } from '../postgres/statement.ts';
import { bucketPrefix } from './bucketSql.ts';
import { placeOf, type SourceContext } from './context.ts';
import { rangeCondition } from './keySql.ts';
import { loadLayout } from './layout.ts';
import { rowDocument } from './rowDocument.ts';

/** Whoever asks bounds the range; this ends what was asked of far too many rows. */
const DIGEST_TIMEOUT_MS = 10 * 60_000;

/**
 * One scan that adds up, about 2 µs a row, and in parallel where the server has workers to spare. `offset 0` keeps the
 * planner from making each row's text and hash twice; sums of bigint are exact.
 */
export async function digestRows(
  context: SourceContext,
  range: KeyRange,
  bits: number,
  signal: AbortSignal,
): Promise<readonly DigestEntry[]> {
  const layout = await loadLayout(context, signal);
  const condition = rangeCondition(layout, range);
  const row = rowDocument(context, layout);
  const seed = `$${condition.values.length + 1}::bigint`;
  const answer = await runStatement(
    context.pool,
    {
      text: `select s.prefix, count(*), sum((s.hash >> 32) & 4294967295), sum(s.hash & 4294967295)
  from (select ${bucketPrefix(layout, bits)} as prefix, ${row.hash(seed)} as hash
          from ${row.rows}${row.record} where ${condition.sql} offset 0) as s
 group by s.prefix`,
      values: [...condition.values, context.seed],
      timeoutMs: DIGEST_TIMEOUT_MS,
    },
    signal,
  );
  return answer.rows
    .map(([prefix, count, f1, f2]) => {
      if (prefix !== null) return { prefix: Number(prefix), count: Number(count), f1: Number(f1), f2: Number(f2) };
      throw new InputError(
        'key-nullable',
        `${placeOf(context, 'key')}: the key is null in some rows. Exclude them with "where", or choose key columns that are never null.`,
      );
    })
    .sort((a, b) => a.prefix - b.prefix);
}
