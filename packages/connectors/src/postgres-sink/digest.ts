import { quoteRelation } from '../postgres/quote.ts';
import type { DigestEntry, GenerationRef } from '../sink.ts';
import type { SinkDatabase } from './database.ts';
import { assertGeneration } from './generation.ts';
import { BUCKET, SHARD } from './ids.ts';
import { withSession } from './session.ts';

const BUCKET_BITS = 20;

/** One scan, grouped by the leading bits of the bucket. */
export async function digest(
  database: SinkDatabase,
  generation: GenerationRef,
  shard: number | null,
  bits: number,
  signal: AbortSignal,
): Promise<readonly DigestEntry[]> {
  const rows = await withSession(database, signal, async (session) => {
    await assertGeneration(session, database.schema, generation);
    const table = quoteRelation({ schema: database.schema, name: generation.name });
    return session.query<{ prefix: number; count: string; f1: string; f2: string }>(
      `select ${BUCKET} >> ${BUCKET_BITS - bits} as prefix, count(*) as count,
              coalesce(sum(f1), 0) as f1, coalesce(sum(f2), 0) as f2
         from ${table} where not deleted and ($1::int is null or ${SHARD} = $1)
        group by 1 order by 1`,
      [shard],
    );
  });
  return rows.map(({ prefix, count, f1, f2 }) => ({ prefix, count: Number(count), f1: Number(f1), f2: Number(f2) }));
}
