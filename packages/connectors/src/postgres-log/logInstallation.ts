import type { Pool } from 'pg';
import { runStatement } from '../postgres/statement.ts';
import { explained } from '../postgres-source/explained.ts';
import { checkDependencies } from './checkDependencies.ts';
import { inspectLog } from './inspectLog.ts';
import { asTransaction, installLog, installSql, isInstalled, removeLog, removeSql } from './installLog.ts';
import type { LogFinding } from './logFinding.ts';
import type { LogTarget } from './logTarget.ts';
import { refuseReplica } from './refuseReplica.ts';

/** What a person does with the log of one index's changes: look at it, install it, take it away. */
export interface LogInstallation {
  /** The schema that it is in. */
  readonly schema: string;
  /** The role that reads and prunes it: the user of the connection's url. */
  reader(signal: AbortSignal): Promise<string>;
  /** What is not as it must be, grants of the reader included. Empty: changes are followed. */
  inspect(signal: AbortSignal): Promise<readonly LogFinding[]>;
  /** What `install` would run now: transactions, one for the log, one for each table, one for the grants. */
  sql(signal: AbortSignal): Promise<readonly (readonly string[])[]>;
  /**
   * Runs it, and gives what it found before. Safe to repeat and to run twice at once.
   * @throws InputError `log-permission` when the role owns neither tables nor log
   * @throws UnavailableError when a table's writers do not make way within 5 s
   */
  install(signal: AbortSignal): Promise<readonly LogFinding[]>;
  /** What `remove` would run now; empty where there is no log. */
  removeSql(signal: AbortSignal): Promise<readonly (readonly string[])[]>;
  /** Takes triggers and functions away. Another index that follows the same table by the same key loses it too. */
  remove(signal: AbortSignal): Promise<void>;
  /**
   * Everything that the log needs besides its installation: a primary, and dependencies whose queries give the index's key.
   * Gives what works but should be known. @throws InputError with the remedy
   */
  check(signal: AbortSignal): Promise<readonly string[]>;
}

/** `target.writer` installs and inspects; `readerPool` connects as the role that reads. */
export function logInstallation(target: LogTarget, readerPool: Pool): LogInstallation {
  const { context, schema } = target;
  const reader = async (signal: AbortSignal): Promise<string> => {
    const { rows } = await runStatement(readerPool, { text: 'select current_user', timeoutMs: 10_000 }, signal);
    return rows[0]?.[0] ?? '';
  };
  const asReader = <T>(signal: AbortSignal, work: (role: string) => Promise<T>): Promise<T> =>
    explained(context, signal, async () => await work(await reader(signal)));
  return {
    schema,
    reader: (signal) => asReader(signal, async (role) => role),
    inspect: (signal) => asReader(signal, (role) => inspectLog(target, role, signal)),
    sql: (signal) => asReader(signal, (role) => installSql(target, role, signal)),
    install: (signal) => asReader(signal, (role) => installLog(target, role, signal)),
    removeSql: (signal) =>
      explained(context, signal, async () =>
        (await isInstalled(target, signal)) ? [asTransaction(target, await removeSql(target, signal))] : [],
      ),
    remove: (signal) =>
      explained(context, signal, async () => {
        if (await isInstalled(target, signal)) await removeLog(target, signal);
      }),
    check: (signal) =>
      explained(context, signal, async () => {
        await refuseReplica(context, signal);
        return await checkDependencies({ ...target, context: { ...context, pool: readerPool } }, signal);
      }),
  };
}
