import { quoteIdentifier, quoteRelation } from '../postgres/quote.ts';
import type { GenerationRef } from '../sink.ts';
import type { SinkDatabase } from './database.ts';
import { assertGeneration } from './generation.ts';
import { BUCKET, SHARD } from './ids.ts';
import { withSession } from './session.ts';
import { ensureTombstoneAge } from './tombstones.ts';

/**
 * Builds the search index in one transaction, so that a killed settle leaves nothing half-built, gives the table back to
 * autovacuum, and gathers the statistics that the planner needs.
 */
export async function settle(database: SinkDatabase, generation: GenerationRef, signal: AbortSignal): Promise<void> {
  const { schema } = database;
  const table = quoteRelation({ schema, name: generation.name });
  await withSession(database, signal, async (session) => {
    await session.transaction(async () => {
      await assertGeneration(session, schema, generation);
      await session.unlimited();
      // Two that settle take turns here; a CREATE INDEX alone would let both build one.
      await session.query(`lock table ${table} in share row exclusive mode`);
      // Serves `ids`. Without a name, as below.
      const stamps = await session.query<{ name: string; valid: boolean }>(
        `select c.relname as name, i.indisvalid and i.indisready as valid
           from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid
          where i.indrelid = $1::regclass and i.indexprs is not null`,
        [table],
      );
      const indexes = await session.query<{ name: string; valid: boolean }>(
        `select c.relname as name, i.indisvalid and i.indisready as valid
           from pg_catalog.pg_index i
           join pg_catalog.pg_class c on c.oid = i.indexrelid
           join pg_catalog.pg_am m on m.oid = c.relam
           join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
          where i.indrelid = $1::regclass and m.amname = 'gin' and a.attname = 'search' and i.indpred is null`,
        [table],
      );
      // Serves `purge`: few rows, and none where nothing is deleted.
      await ensureTombstoneAge(session, schema, generation.name);
      const tombstones = await session.query<{ name: string; valid: boolean }>(
        `select c.relname as name, i.indisvalid and i.indisready as valid
           from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid
           join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
          where i.indrelid = $1::regclass and a.attname = 'deleted_at' and i.indpred is not null`,
        [table],
      );
      for (const { name, valid } of [...stamps, ...indexes, ...tombstones]) {
        if (!valid) await session.query(`drop index ${quoteIdentifier(schema)}.${quoteIdentifier(name)}`);
      }
      if (!stamps.some(({ valid }) => valid))
        await session.query(`create index on ${table} ((${SHARD}), (${BUCKET}), id) where not deleted`);
      if (!tombstones.some(({ valid }) => valid))
        await session.query(`create index on ${table} (deleted_at) where deleted`);
      // Without a name: the server finds a free one within its 63 bytes.
      if (!indexes.some(({ valid }) => valid)) await session.query(`create index on ${table} using gin (search)`);
      await session.query(`alter table ${table} reset (autovacuum_enabled, toast.autovacuum_enabled)`);
    });
    await session.query(`analyze ${table}`);
  });
}
