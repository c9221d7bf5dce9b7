import { InputError } from '@reindeer/core';
import { quoteIdentifier, quoteRelation } from '../postgres/quote.ts';
import { runStatement } from '../postgres/statement.ts';
import { explained } from '../postgres-source/explained.ts';
import { sourceIdentity } from '../postgres-source/identity.ts';
import { alteredLog } from './alteredLog.ts';
import { type FollowedLayout, followedTables, loadFollowed } from './followed.ts';
import { installTable } from './installTable.ts';
import type { LogFinding } from './logFinding.ts';
import { createLogSchema, dropLogTables, LOG_VERSION, restartLog } from './logSchemaSql.ts';
import type { LogTarget } from './logTarget.ts';
import { missingGrants } from './missingGrants.ts';
import { tableFindings } from './tableFindings.ts';
import { tablesOfOthers } from './tablesOfOthers.ts';

const CATALOG_TIMEOUT_MS = 30_000;

/** Compares what is installed with what the index needs. Empty: changes are followed. `reader`: the role that reads. */
export async function inspectLog(
  target: LogTarget,
  reader: string | null,
  signal: AbortSignal,
): Promise<readonly LogFinding[]> {
  return await explained(target.context, signal, () => inspect(target, reader, signal));
}

async function inspect(target: LogTarget, reader: string | null, signal: AbortSignal): Promise<readonly LogFinding[]> {
  const { context, schema } = target;
  const tables: FollowedLayout[] = [];
  for (const table of followedTables(context, target.dependencies, schema)) {
    if (tables.some(({ log }) => log === table.log)) continue;
    tables.push(await loadFollowed(context, table, signal));
  }
  const owns = (await tablesOfOthers(target, signal)).length === 0;
  const grants = reader === null ? [] : await missingGrants(target, reader, owns, signal);
  const log = await logFinding(target, reader, signal);
  if (log === 'unreadable') return grants;
  if (log !== null && log.kind !== 'log-restored') {
    const nothing = tables.map(({ table, ...rest }) => ({
      kind: 'table-missing' as const,
      table,
      message: `The changes of ${quoteRelation(table)} are not logged.`,
      remedy: installTable(schema, { table, ...rest }),
    }));
    return log.kind === 'log-missing' ? [log, ...nothing, ...grants] : [log];
  }
  const findings: LogFinding[] = log === null ? [] : [log];
  for (const table of tables) findings.push(...(await tableFindings(target, table, signal)));
  return [...findings, ...grants];
}

/** `unreadable`: the role that asks has no rights on it, and only its grants can be told. */
async function logFinding(
  target: LogTarget,
  reader: string | null,
  signal: AbortSignal,
): Promise<LogFinding | 'unreadable' | null> {
  const { context, schema, writer } = target;
  const owner = await sourceIdentity({ ...context, pool: writer }, signal);
  const exists = await runStatement(
    writer,
    {
      text: `select count(c.oid) = 3,
                    bool_and(has_table_privilege(c.oid, 'select')) and bool_and(has_schema_privilege(n.oid, 'usage')), current_user, min(pg_get_userbyid(n.nspowner))
               from pg_catalog.pg_namespace as n
               join pg_catalog.pg_class as c on c.relnamespace = n.oid and c.relname in ('state', 'logs', 'changes')
              where n.nspname = $1`,
      values: [schema],
      timeoutMs: CATALOG_TIMEOUT_MS,
    },
    signal,
  );
  const [isThere, mayRead, role, schemaOwner] = exists.rows[0] ?? [];
  if (isThere === 't' && mayRead !== 't') {
    if (role === reader) return 'unreadable';
    throw new InputError(
      'log-permission',
      `The role ${quoteIdentifier(role ?? '')} may not read the log in the schema "${schema}". Give the url of the role that owns it, ${quoteIdentifier(schemaOwner ?? '')}.`,
    );
  }
  if (isThere !== 't') {
    return {
      kind: 'log-missing',
      table: null,
      message: `There is no log of changes in the schema "${schema}".`,
      remedy: createLogSchema(schema, owner),
    };
  }
  const altered = await alteredLog(target, signal);
  if (altered !== null) {
    return {
      kind: 'log-missing',
      table: null,
      message: `The tables of the log in the schema "${schema}" were altered after they were made (${altered}): it holds nothing that can be read, or every write to a followed table fails.`,
      remedy: [...dropLogTables(schema), ...createLogSchema(schema, owner)],
    };
  }
  const text = `select version, system from ${quoteIdentifier(schema)}.state`;
  const { rows } = await runStatement(writer, { text, timeoutMs: CATALOG_TIMEOUT_MS }, signal);
  const [version, system] = rows[0] ?? [];
  // Somebody deleted its only row: what is in the log by then reaches back to nobody knows where.
  if (version === undefined) {
    return {
      kind: 'log-missing',
      table: null,
      message: `The log in the schema "${schema}" does not say any more how far back it reaches: ${quoteIdentifier(schema)}.state is empty.`,
      remedy: createLogSchema(schema, owner),
    };
  }
  if (Number(version) !== LOG_VERSION) {
    return {
      kind: 'log-version',
      table: null,
      message: `The log in the schema "${schema}" is of version ${version}, and this Reindeer needs ${LOG_VERSION}. Use the Reindeer that made it, or remove it and install it again.`,
      remedy: [],
    };
  }
  if (system === owner.system) return null;
  return {
    kind: 'log-restored',
    table: null,
    message: `The log in the schema "${schema}" is of another database (${system}; this is ${owner.system}): it came with a dump or a copy. What it holds is of no use here.`,
    remedy: restartLog(schema, owner),
  };
}
