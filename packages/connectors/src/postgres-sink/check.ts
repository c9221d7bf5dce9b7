import { InputError } from '@reindeer/core';
import { assertSchema } from './createGeneration.ts';
import type { SinkDatabase } from './database.ts';
import { resolveLanguage } from './language.ts';
import { readLiveRow } from './live.ts';
import { hasMetadata } from './metadata.ts';
import { assertIndexName } from './names.ts';
import { findRelation, relationWord } from './relation.ts';
import { type Session, withSession } from './session.ts';
import type { PostgresSinkSettings } from './settings.ts';

/** The oldest version in which the tests pass is 15; generated columns came with 12. */
const OLDEST_VERSION = 120_000;

/**
 * Reachability, version, grants, language, and a stranger with the index's name.
 * @returns warnings: what works, but its owner should know
 * @throws InputError with the remedy
 */
export async function check(
  database: SinkDatabase,
  settings: PostgresSinkSettings,
  index: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  assertIndexName(index);
  return await withSession(database, signal, async (session) => {
    const warnings = await checkServer(session, database);
    await assertSchema(session, database);
    await resolveLanguage(session, settings.language);
    await assertNameFree(session, database, index);
    return warnings;
  });
}

async function checkServer(session: Session, { connection }: SinkDatabase): Promise<string[]> {
  const [server] = await session.query<{ version: number; standby: boolean; encoding: string; name: string }>(
    `select current_setting('server_version_num')::int as version, current_setting('server_version') as name,
            pg_catalog.pg_is_in_recovery() as standby, current_setting('server_encoding') as encoding`,
  );
  if (server === undefined) return [];
  const place = `connections.${connection}`;
  if (server.version < OLDEST_VERSION) {
    throw new InputError('old-server', `${place}: PostgreSQL ${server.name} is too old for a sink. Use 12 or newer.`);
  }
  if (server.standby) {
    throw new InputError('standby', `${place}: the server is a standby and takes no writes. Give the primary's url.`);
  }
  if (server.encoding === 'UTF8') return [];
  return [
    `${place}: the database has the encoding ${server.encoding}; documents with characters outside it are refused. Use a UTF8 database.`,
  ];
}

async function assertNameFree(session: Session, { schema }: SinkDatabase, index: string): Promise<void> {
  const relation = await findRelation(session, schema, index);
  if (relation === null) return;
  const row = (await hasMetadata(session, schema)) ? await readLiveRow(session, schema, index, 'look') : null;
  const name = JSON.stringify(`${schema}.${index}`);
  if (relation.kind !== 'v' || row === null || row.generation === null) {
    throw new InputError(
      'name-taken',
      `indexes.${index}: a ${relationWord(relation)} that Reindeer did not make has the name ${name}. Drop or rename it, or give the index another name.`,
    );
  }
  if (!relation.owned) {
    throw new InputError(
      'denied',
      `indexes.${index}: the view ${name} belongs to another role, and only its owner can let it read a new generation. Connect as that role, or change the owner.`,
    );
  }
}
