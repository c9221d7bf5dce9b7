import type { QueryResultRow } from 'pg';
import { quoteRelation } from '../postgres/quote.ts';
import type { GenerationRef, Selection, StoredDocument } from '../sink.ts';
import type { SinkDatabase } from './database.ts';
import { assertGeneration } from './generation.ts';
import { withSession } from './session.ts';
import { STORED_COLUMNS, type StoredRow, toStored } from './stored.ts';

/** Documents without a stamp are shard 0, bucket 0 (rule 18), whatever their columns say. */
export const SHARD = 'case when f1 is null then 0 else s end';
export const BUCKET = 'case when f1 is null then 0 else b end';

/** Pages of the selection, shard by shard: the index that `settle` makes begins with the shard. */
export async function* listIds(
  database: SinkDatabase,
  generation: GenerationRef,
  { shard, buckets }: Selection,
  limit: number,
  signal: AbortSignal,
): AsyncGenerator<readonly StoredDocument[], void, undefined> {
  const table = quoteRelation({ schema: database.schema, name: generation.name });
  const ask = <R extends QueryResultRow>(text: string, values: readonly unknown[]) =>
    withSession(database, signal, async (session) => {
      await assertGeneration(session, database.schema, generation);
      return session.query<R>(text, values);
    });
  const [bounds] =
    shard === null
      ? await ask<{ last: number | null }>(`select max(${SHARD}) as last from ${table} where not deleted`, [])
      : [{ last: shard }];
  for (let at = shard ?? 0; at <= (bounds?.last ?? -1); at += 1) {
    // Keyset pages, each a statement of its own: nothing holds back the server's cleaning up.
    let after: { bucket: number; id: string | null } = { bucket: buckets.from, id: null };
    for (;;) {
      const rows = await ask<StoredRow & { at: number }>(
        `select ${STORED_COLUMNS}, ${BUCKET} as at from ${table}
          where not deleted and ${SHARD} = $1 and ${BUCKET} >= $2::int and ${BUCKET} < $4
            and ($3::text is null or (${BUCKET}, id) > ($2::int, $3::text collate "C"))
          order by ${SHARD}, ${BUCKET}, id limit $5`,
        [at, after.bucket, after.id, buckets.to, limit],
      );
      const last = rows.at(-1);
      if (last !== undefined) yield rows.map(toStored);
      if (last === undefined || rows.length < limit) break;
      after = { bucket: last.at, id: last.id };
    }
  }
}
