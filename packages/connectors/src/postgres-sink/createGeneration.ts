import { InputError, RefusedError } from '@reindeer/core';
import { quoteRelation } from '../postgres/quote.ts';
import type { GenerationMetadata, GenerationRef } from '../sink.ts';
import type { SinkDatabase } from './database.ts';
import { grantSql } from './failure.ts';
import { resolveLanguage } from './language.ts';
import { ensureMetadata, GENERATIONS, readGeneration } from './metadata.ts';
import { assertIdentifier } from './names.ts';
import { findRelation, relationWord } from './relation.ts';
import { searchExpression } from './searchColumn.ts';
import { type Session, transaction } from './session.ts';
import type { PostgresSinkSettings } from './settings.ts';

/**
 * Makes the generation's table, set up for loading: no search index, no autovacuum. Never UNLOGGED: a crash would empty
 * the table behind cursors that say it is written (I2).
 */
export async function createGeneration(
  database: SinkDatabase,
  settings: PostgresSinkSettings,
  metadata: GenerationMetadata,
  signal: AbortSignal,
): Promise<GenerationRef> {
  const generation = { index: metadata.index, name: metadata.name };
  assertIdentifier('The generation name', metadata.name, 'Give the index a shorter name.');
  return await transaction(database, signal, async (session) => {
    await assertSchema(session, database);
    await ensureMetadata(session, database.schema);
    // Two planners of one run come here together: the second waits, and adopts what the first made.
    await session.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
      `reindeer generation ${database.schema}.${metadata.name}`,
    ]);
    if (await adopts(session, database, metadata)) return generation;
    const language = await resolveLanguage(session, settings.language);
    await session.query(`create table ${quoteRelation({ schema: database.schema, name: metadata.name })} (
      id      text collate "C" primary key,
      body    jsonb,
      s       int not null,
      b       int not null,
      t       bigint not null,
      f1      bigint,
      f2      bigint,
      deleted boolean not null,
      deleted_at timestamptz,
      search  tsvector generated always as (${searchExpression(language, settings.fields)}) stored,
      check (deleted = (body is null))
    ) with (autovacuum_enabled = off, toast.autovacuum_enabled = off)`);
    await session.query(
      `insert into ${quoteRelation({ schema: database.schema, name: GENERATIONS })}
         (name, index, nonce, number, definition, ticket_bound, language, fingerprint, system, ledger)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        metadata.name,
        metadata.index,
        metadata.nonce,
        metadata.number,
        metadata.definition,
        metadata.ticketBound,
        language,
        metadata.fingerprint ?? null,
        metadata.system ?? null,
        metadata.ledger ?? null,
      ],
    );
    return generation;
  });
}

async function adopts(session: Session, { schema }: SinkDatabase, wanted: GenerationMetadata): Promise<boolean> {
  const known = await readGeneration(session, schema, wanted);
  const relation = await findRelation(session, schema, wanted.name);
  const name = JSON.stringify(`${schema}.${wanted.name}`);
  if (known?.nonce === wanted.nonce) {
    if (relation !== null) return true;
    // Made again it would lack what was acknowledged already.
    throw new RefusedError('generation-gone', `The table ${name} of this generation was dropped. Start a new run.`);
  }
  if (known !== null || relation !== null) {
    const holder = known === null ? `A ${relation === null ? 'table' : relationWord(relation)}` : "Another run's table";
    throw new RefusedError('name-taken', `${holder} has the name ${name} already. Drop or rename it, and run again.`);
  }
  return false;
}

/** @throws InputError with the exact SQL, when the schema is missing or the role may not make tables in it. */
export async function assertSchema(session: Session, { connection, schema }: SinkDatabase): Promise<void> {
  const [row] = await session.query<{ role: string; granted: boolean | null }>(
    `select current_user as role,
            (select has_schema_privilege(n.oid, 'USAGE') and has_schema_privilege(n.oid, 'CREATE')
               from pg_catalog.pg_namespace n where n.nspname = $1) as granted`,
    [schema],
  );
  if (row === undefined || row.granted === true) return;
  const place = `sink.settings.schema (connection ${JSON.stringify(connection)})`;
  const create = 'CREATE SCHEMA';
  throw new InputError(
    row.granted === null ? 'no-schema' : 'denied',
    row.granted === null
      ? `${place}: there is no schema ${JSON.stringify(schema)}. Run: ${create} "${schema.replaceAll('"', '""')}" AUTHORIZATION "${row.role.replaceAll('"', '""')}";`
      : `${place}: role ${JSON.stringify(row.role)} may not make tables in ${JSON.stringify(schema)}. ${grantSql(schema, row.role)}`,
  );
}
