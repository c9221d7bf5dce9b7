import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { InputError } from '@reindeer/core';
import type { PoolClient } from 'pg';
import { type Ledger, query, quoteIdentifier } from './ledger.ts';
import { OLDEST_ACCEPTED_SCHEMA, SCHEMA_VERSION } from './schemaVersion.ts';

interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
  /** The oldest schema version whose programs may work on the schema that this leaves. */
  readonly accepts: number;
}

export interface MigrationResult {
  /** Schema version before; 0 where there was none. */
  readonly from: number;
  readonly to: number;
  readonly applied: readonly string[];
}

/**
 * Brings the ledger's schema up to date. Processes that start together take turns by an advisory lock, so each
 * migration runs once; each is one transaction.
 * @throws InputError `ledger-newer` when the schema is newer than this code, `migration-changed` when an applied file was edited.
 */
export async function migrateLedger(ledger: Ledger): Promise<MigrationResult> {
  const client = await ledger.pool.connect();
  let broken = false;
  try {
    await client.query(`select pg_advisory_lock(hashtextextended($1, 0))`, [`reindeer:${ledger.schema}`]);
    await client.query(`set lock_timeout = '10s'`);
    try {
      return await migrateLocked(ledger, client);
    } finally {
      await client
        .query(`select pg_advisory_unlock(hashtextextended($1, 0))`, [`reindeer:${ledger.schema}`])
        .catch(() => {
          broken = true;
        });
    }
  } finally {
    // The lock_timeout and a lock that could not be given back must not stay in the pool.
    if (!broken) await client.query('reset lock_timeout').catch(() => (broken = true));
    client.release(broken);
  }
}

/** The migrations that `migrateLedger` would apply; nothing is changed. */
export async function pendingMigrations(ledger: Ledger): Promise<readonly string[]> {
  const all = await readMigrations();
  const known = await query<{ there: boolean }>(ledger, `select to_regclass('migrations') is not null as there`);
  if (!known[0]?.there) return all.map((migration) => migration.name);
  const { version } = await currentSchema(ledger);
  return all.filter((migration) => migration.version > version).map((migration) => migration.name);
}

/** @throws InputError when the ledger's schema is outside the range that this code accepts. */
export async function assertSchemaAccepted(ledger: Ledger): Promise<void> {
  const [row] = await query<{ there: boolean }>(ledger, `select to_regclass('migrations') is not null as there`);
  const { version, accepts } = row?.there ? await currentSchema(ledger) : NO_SCHEMA;
  if (version < OLDEST_ACCEPTED_SCHEMA) {
    throw new InputError(
      'ledger-not-migrated',
      `The ledger's schema "${ledger.schema}" is at version ${version}; this program needs ${OLDEST_ACCEPTED_SCHEMA} or newer. Run \`reindeer migrate\`.`,
    );
  }
  if (accepts > SCHEMA_VERSION) throw newer(ledger, version);
}

async function migrateLocked(ledger: Ledger, client: PoolClient): Promise<MigrationResult> {
  await client.query(`create schema if not exists ${quoteIdentifier(ledger.schema)}`);
  await client.query(
    `create table if not exists migrations (
       version int primary key, name text not null, checksum text not null, applied_at timestamptz not null default now())`,
  );
  await client.query(`alter table migrations add column if not exists accepts int`);
  const { version: from, accepts } = await currentSchema(client);
  const migrations = await readMigrations();
  if (accepts > SCHEMA_VERSION) throw newer(ledger, from);
  const done = await query<{ version: number; checksum: string }>(client, `select version, checksum from migrations`);
  const applied: string[] = [];
  for (const migration of migrations) {
    const before = done.find((row) => row.version === migration.version);
    if (before !== undefined) {
      if (before.checksum === migration.checksum) continue;
      throw new InputError(
        'migration-changed',
        `Migration ${migration.name} was applied with another text than this program carries. Migrations are immutable: use the program that applied it, or add a new one.`,
      );
    }
    await client.query('begin');
    try {
      await client.query(migration.sql);
      await client.query(`insert into migrations (version, name, checksum, accepts) values ($1, $2, $3, $4)`, [
        migration.version,
        migration.name,
        migration.checksum,
        migration.accepts,
      ]);
      await client.query('commit');
    } catch (error) {
      await client.query('rollback').catch(() => {});
      throw error;
    }
    applied.push(migration.name);
  }
  return { from, to: (await currentSchema(client)).version, applied };
}

interface Schema {
  readonly version: number;
  readonly accepts: number;
}

const NO_SCHEMA: Schema = { version: 0, accepts: 0 };

/** What is there, and the oldest programs that may work on it: those before an additive migration go on beside it. */
async function currentSchema(on: Ledger | PoolClient): Promise<Schema> {
  // A schema that no program with `accepts` has touched does not have the column.
  const [row] = await query<Schema>(
    on,
    `select version, coalesce((to_jsonb(m) ->> 'accepts')::int, version) as accepts from migrations m order by version desc limit 1`,
  );
  return row ?? NO_SCHEMA;
}

async function readMigrations(): Promise<Migration[]> {
  const folder = new URL('./migrations/', import.meta.url);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (file) => {
      const sql = await readFile(new URL(file, folder), 'utf8');
      const version = Number.parseInt(file, 10);
      return {
        version,
        accepts: Number(/^-- accepts: (\d+)$/m.exec(sql)?.[1] ?? version),
        name: file.replace('.sql', ''),
        sql,
        checksum: createHash('sha256').update(sql).digest('hex'),
      };
    }),
  );
}

function newer(ledger: Ledger, version: number): InputError {
  return new InputError(
    'ledger-newer',
    `The ledger's schema "${ledger.schema}" is at version ${version}, newer than ${SCHEMA_VERSION}, the newest this program knows. Start the newer program.`,
  );
}
