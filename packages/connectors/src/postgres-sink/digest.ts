import { quoteRelation } from '../postgres/quote.ts';
import type { DigestEntry, GenerationRef, ShardSelection } from '../sink.ts';
import type { SinkDatabase } from './database.ts';
import { assertGeneration } from './generation.ts';
import { ANY_ABOVE, ANY_BELOW, BUCKET, SHARD } from './ids.ts';
import { withSession } from './session.ts';

const BUCKET_BITS = 20;

/** One scan, grouped by the leading bits of the bucket. */
export async function digest(
  database: SinkDatabase,
  generation: GenerationRef,
  { shard, last = false }: ShardSelection,
  bits: number,
  signal: AbortSignal,
): Promise<readonly DigestEntry[]> {
  const rows = await withSession(database, signal, async (session) => {
    await assertGeneration(session, database.schema, generation);
    const table = quoteRelation({ schema: database.schema, name: generation.name });
    return session.query<{ prefix: number; count: string; f1: string; f2: string }>(
      `select ${BUCKET} >> ${BUCKET_BITS - bits} as prefix, count(*) as count,
              coalesce(sum(f1), 0) as f1, coalesce(sum(f2), 0) as f2
         from ${table} where not deleted and ${SHARD} between $1::bigint and $2::bigint
        group by 1 order by 1`,
      // Shards that there are not belong to the nearest.
      [(shard ?? 0) > 0 ? shard : ANY_BELOW, shard === null || last ? ANY_ABOVE : shard],
    );
  });
  return rows.map(({ prefix, count, f1, f2 }) => ({ prefix, count: Number(count), f1: Number(f1), f2: Number(f2) }));
}
