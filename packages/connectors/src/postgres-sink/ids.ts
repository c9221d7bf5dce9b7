import type { QueryResultRow } from 'pg';
import { quoteRelation } from '../postgres/quote.ts';
import type { GenerationRef, Selection, StoredDocument } from '../sink.ts';
import type { SinkDatabase } from './database.ts';
import { withSession } from './session.ts';
import { STORED_COLUMNS, type StoredRow, toStored } from './stored.ts';

/** Documents without a stamp are shard 0, bucket 0 (rule 18), whatever their columns say. */
export const SHARD = 'case when f1 is null then 0 else s end';
export const BUCKET = 'case when f1 is null then 0 else b end';

export const ANY_BELOW = -(2 ** 31);
/** Above every number of the column. */
export const ANY_ABOVE = 2 ** 31;

/** Pages of the selection, shard by shard: the index that `settle` makes begins with the shard. */
export async function* listIds(
  database: SinkDatabase,
  generation: GenerationRef,
  { shard, last: lastShard = false, buckets }: Selection,
  limit: number,
  signal: AbortSignal,
): AsyncGenerator<readonly StoredDocument[], void, undefined> {
  const table = quoteRelation({ schema: database.schema, name: generation.name });
  // A table that is gone is told as a generation that is.
  const ask = <R extends QueryResultRow>(text: string, values: readonly unknown[]) =>
    withSession(database, signal, (session) => session.query<R>(text, values));
  const highest = shard === null || lastShard ? ANY_ABOVE : shard;
  /** The next shard that there is from here on: a hand may have written any number. */
  const shardFrom = async (from: number): Promise<number | null> => {
    if (from > highest) return null;
    const [next] = await ask<{ shard: number | null }>(
      `select min(${SHARD}) as shard from ${table} where not deleted and ${SHARD} >= $1::bigint and ${SHARD} <= $2::bigint`,
      [from, highest],
    );
    return next?.shard ?? null;
  };
  const only = shard !== null && shard > 0 && !lastShard;
  const first = buckets.from > 0 ? buckets.from : ANY_BELOW;
  const end = buckets.to < 2 ** 20 ? buckets.to : ANY_ABOVE;
  let at = only ? shard : await shardFrom((shard ?? 0) > 0 ? (shard ?? 0) : ANY_BELOW);
  while (at !== null) {
    // Keyset pages, each a statement of its own: nothing holds back the server's cleaning up.
    let after: { bucket: number; id: string | null } = { bucket: first, id: null };
    for (;;) {
      const rows = await ask<StoredRow & { at: number }>(
        `select ${STORED_COLUMNS}, ${BUCKET} as at from ${table}
          where not deleted and ${SHARD} = $1 and ${BUCKET} >= $2::int and ${BUCKET} < $4::bigint
            and ($3::text is null or (${BUCKET}, id) > ($2::int, $3::text collate "C"))
          order by ${SHARD}, ${BUCKET}, id limit $5`,
        [at, after.bucket, after.id, end, limit],
      );
      const last = rows.at(-1);
      if (last !== undefined) yield rows.map(toStored);
      if (last === undefined || rows.length < limit) break;
      after = { bucket: last.at, id: last.id };
    }
    at = only ? null : await shardFrom(at + 1);
  }
}
