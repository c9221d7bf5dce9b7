import { InputError, UnavailableError } from '@reindeer/core';
import type { PoolClient } from 'pg';
import { connect } from '../postgres/connect.ts';
import { failureKind, messageOf, sqlState } from '../postgres/failure.ts';
import { quoteRelation } from '../postgres/quote.ts';
import { runStatement } from '../postgres/statement.ts';
import { explained } from '../postgres-source/explained.ts';
import { followedTables, loadFollowed } from './followed.ts';
import { inspectLog } from './inspectLog.ts';
import { removeTable } from './installTable.ts';
import type { LogFinding } from './logFinding.ts';
import type { LogTarget } from './logTarget.ts';
import { tablesOfOthers } from './tablesOfOthers.ts';

/** While a trigger waits for a table's writers, all later ones wait behind it: rather give up, and say so. */
const LOCK_TIMEOUT_MS = 5_000;
/** Lock not available; deadlock, with one who writes to several tables. */
const IN_THE_WAY = new Set(['55P03', '40P01']);

/**
 * What installing runs, as it would be run now: one transaction for the log itself and one for each table. Nothing when
 * all is as it must be.
 */
export async function installSql(
  target: LogTarget,
  reader: string | null,
  signal: AbortSignal,
): Promise<readonly (readonly string[])[]> {
  return transactionsOf(await inspectLog(target, reader, signal)).map((statements) =>
    asTransaction(target, statements),
  );
}

/** As `inTransaction` runs it. */
export function asTransaction({ schema }: LogTarget, statements: readonly string[]): readonly string[] {
  return ['begin;', `set local lock_timeout = ${LOCK_TIMEOUT_MS};`, advisoryLock(schema), ...statements, 'commit;'];
}

/**
 * Brings the log to what the index needs, and gives what it found. Safe to repeat and to run twice at once. A table whose
 * triggers are as they must be is not touched; one that is mended can be followed only from then on.
 * @throws UnavailableError when a table's writers do not make way within 5 s
 */
export async function installLog(
  target: LogTarget,
  reader: string | null,
  signal: AbortSignal,
): Promise<readonly LogFinding[]> {
  return await explained(target.context, signal, async () => {
    const found = await inspectLog(target, reader, signal);
    // Else the log would be made, and belong to a role that cannot install the rest: its owner could not go on either.
    const others = found.some(isNotGrant) ? await tablesOfOthers(target, signal) : [];
    if (others.length > 0) throw notTheOwner(target, new Error(`it does not own ${others.join(', ')}`));
    let left = found;
    // Grants are seen when there is something to grant on: a second round.
    for (let round = 0; round < 2 && left.length > 0; round += 1) {
      for (const statements of transactionsOf(left)) {
        await inTransaction(target, signal, async (client) => {
          // Whoever held the lock before may have done it.
          const now = transactionsOf(await inspectLog(target, reader, signal));
          if (!now.some((other) => isSame(other, statements))) return;
          for (const statement of statements) await client.query(statement);
        });
      }
      left = await inspectLog(target, reader, signal);
    }
    return found;
  });
}

/** What removing runs, in one transaction; the log's own tables stay. Another index that follows the same table by the same key loses it too. */
export async function removeSql(target: LogTarget, signal: AbortSignal): Promise<readonly string[]> {
  const statements: string[] = [];
  for (const table of followedTables(target.context, target.dependencies, target.schema)) {
    statements.push(...removeTable(target.schema, await loadFollowed(target.context, table, signal)));
  }
  return [...new Set(statements)];
}

export async function removeLog(target: LogTarget, signal: AbortSignal): Promise<void> {
  await explained(target.context, signal, async () => {
    const statements = await removeSql(target, signal);
    await inTransaction(target, signal, async (client) => {
      for (const statement of statements) await client.query(statement);
    });
  });
}

/** Whether there is a log at all, whatever its state. */
export async function isInstalled({ schema, writer }: LogTarget, signal: AbortSignal): Promise<boolean> {
  const { rows } = await runStatement(
    writer,
    {
      text: `select count(*) = 2 from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
              where n.nspname = $1 and c.relname in ('logs', 'changes')`,
      values: [schema],
      timeoutMs: 30_000,
    },
    signal,
  );
  return rows[0]?.[0] === 't';
}

/** The remedies of each table once, in order, and the log's own first. */
function transactionsOf(findings: readonly LogFinding[]): readonly (readonly string[])[] {
  const byText = new Map<string, readonly string[]>();
  for (const { remedy } of findings) if (remedy.length > 0) byText.set(remedy.join('\n'), remedy);
  return [...byText.values()];
}

async function inTransaction(
  target: LogTarget,
  signal: AbortSignal,
  work: (client: PoolClient) => Promise<void>,
): Promise<void> {
  const client = await connect(target.writer, signal);
  let broken = true;
  try {
    await client.query('begin');
    await client.query(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await client.query(advisoryLock(target.schema));
    await work(client);
    await client.query('commit');
    broken = false;
  } catch (error) {
    broken = await client.query('rollback').then(
      () => false,
      () => true,
    );
    if (failureKind(error) === 'permission') throw notTheOwner(target, error);
    if (!IN_THE_WAY.has(sqlState(error) ?? '')) throw error;
    const { table } = target.context.definition;
    throw new UnavailableError(
      'source-unavailable',
      `The triggers of the change log were not installed${table === null ? '' : ` on ${quoteRelation(table)}`}: its writers did not make way (${messageOf(error)}; it waits ${LOCK_TIMEOUT_MS / 1_000} s at most). Try again when no long transaction writes to it.`,
      { cause: error },
    );
  } finally {
    client.release(broken);
  }
}

function notTheOwner({ context, schema }: LogTarget, error: unknown): InputError {
  return new InputError(
    'log-permission',
    `connections.${context.connection}: its user may not install the log of changes of index ${context.index}: ${messageOf(error)}. It takes a role that owns the tables and the schema "${schema}", or may create it (GRANT CREATE ON DATABASE …); give that role's url: reindeer migrate --source --connection ${context.connection} --url postgres://….`,
    { cause: error },
  );
}

function advisoryLock(schema: string): string {
  return `select pg_advisory_xact_lock(hashtextextended('reindeer log ${schema.replaceAll("'", "''")}', 0));`;
}

function isNotGrant({ kind, remedy }: LogFinding): boolean {
  return kind !== 'grant-missing' && remedy.length > 0;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.join('\n') === b.join('\n');
}
