import { quoteRelation } from '../postgres/quote.ts';
import type { GenerationRef } from '../sink.ts';
import type { SinkDatabase } from './database.ts';
import { assertGeneration } from './generation.ts';
import { withSession } from './session.ts';
import { ensureTombstoneAge } from './tombstones.ts';

/** As long as OpenSearch remembers its own (`index.gc_deletes`): longer than any request is under way (rule 14). */
const KEPT = "interval '1 hour'";
const AT_ONCE = 5_000;
const ROUNDS = 10;

/** Deletes old tombstones, some at a time, found by an index of their own; rows that somebody is writing are left to them. */
export async function purge(database: SinkDatabase, generation: GenerationRef, signal: AbortSignal): Promise<number> {
  const table = quoteRelation({ schema: database.schema, name: generation.name });
  return await withSession(database, signal, async (session) => {
    await assertGeneration(session, database.schema, generation);
    await ensureTombstoneAge(session, database.schema, generation.name);
    // Written before ages were kept: from now on they are an hour old in an hour.
    await session.query(`update ${table} set deleted_at = now() where deleted and deleted_at is null`);
    let purged = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const [gone] = await session.query<{ count: number }>(
        `with old as (
           select id from ${table} where deleted and deleted_at < now() - ${KEPT} limit ${AT_ONCE} for update skip locked),
         gone as (delete from ${table} as g using old where g.id = old.id and g.deleted returning 1)
         select count(*)::int as count from gone`,
      );
      const count = gone?.count ?? 0;
      purged += count;
      if (count < AT_ONCE) break;
    }
    return purged;
  });
}
