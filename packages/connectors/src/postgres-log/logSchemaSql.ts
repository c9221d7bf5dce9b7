import { quoteIdentifier } from '../postgres/quote.ts';
import { literal } from './functionSql.ts';

/** Raised when the tables below change; an older one is brought up to date by `schemaUpgrade`. */
export const LOG_VERSION = 1;

export const DEFAULT_LOG_SCHEMA = 'reindeer_log';

/** Whose log it is: after a dump was restored elsewhere, the numbers of its transactions mean nothing. */
export interface LogOwner {
  readonly system: string;
}

/**
 * One log for a database. No key stands in an index of it: a long one would fail the application's transaction. It has
 * a primary key, because a publication of all tables lets nobody delete from one that has none.
 * `xid` is that of the whole transaction, savepoints included, with its epoch, so it never wraps around.
 */
export function createLogSchema(schema: string, owner: LogOwner): string[] {
  const s = quoteIdentifier(schema);
  return [
    `create schema if not exists ${s};`,
    `create table if not exists ${s}.state (
  one boolean primary key default true check (one),
  version int not null,
  system text not null,
  pruned_to pg_snapshot not null default pg_current_snapshot()
);`,
    `comment on table ${s}.state is 'Reindeer: changes that are visible in pruned_to may be missing from the log';`,
    `create table if not exists ${s}.logs (
  log bigint primary key,
  relation regclass not null,
  key text[] not null,
  mode text not null,
  triggers int not null,
  began xid8 not null default pg_current_xact_id()
);`,
    `comment on table ${s}.logs is 'Reindeer: the tables whose changes are logged, from the transaction "began" on';`,
    `create table if not exists ${s}.changes (
  log bigint not null,
  xid xid8 not null default pg_current_xact_id(),
  sequence bigint generated always as identity (cache 32),
  at timestamptz not null default now(),
  key text[],
  primary key (log, xid, sequence)
);`,
    `comment on table ${s}.changes is 'Reindeer: keys of rows that changed; a key that is null stands for rows whose keys are not known';`,
    `insert into ${s}.state (version, system) values (${LOG_VERSION}, ${literal(owner.system)}) on conflict do nothing;`,
  ];
}

/** Before a log that somebody altered is made anew. Triggers and functions name its tables, and go on with the new ones. */
export function dropLogTables(schema: string): string[] {
  const s = quoteIdentifier(schema);
  return [`drop table if exists ${s}.changes, ${s}.logs, ${s}.state;`];
}

/** What a log that came with a dump needs: nothing in it can be used, and no position of before reaches into it. */
export function restartLog(schema: string, owner: LogOwner): string[] {
  const s = quoteIdentifier(schema);
  return [
    `delete from ${s}.changes;`,
    `update ${s}.state set system = ${literal(owner.system)}, pruned_to = pg_current_snapshot();`,
  ];
}
