import { InputError, RefusedError, UnavailableError } from '@reindeer/core';
import { asUnavailable, failureKind, messageOf, sqlState } from '../postgres/failure.ts';
import { quoteIdentifier } from '../postgres/quote.ts';

// Serialization, deadlock, lock not available, too many connections, out of memory, a configured limit.
const BUSY = new Set(['40001', '40P01', '55P03', '53300', '53200', '53400']);
const DISK_FULL = '53100';
const NO_SUCH_TABLE = '42P01';

/** The server is overloaded or somebody is in the way: the same statement, later and smaller, may well succeed. */
export function isBusy(error: unknown): boolean {
  return BUSY.has(sqlState(error) ?? '');
}

/** The fault of one of the documents: data exceptions, broken constraints, and limits that one document passes. */
export function isDataError(error: unknown): boolean {
  return ['22', '23', '54'].includes((sqlState(error) ?? '').slice(0, 2));
}

export function isMissingTable(error: unknown): boolean {
  return sqlState(error) === NO_SUCH_TABLE;
}

/** The same failure as one of the classes that callers react to. What is unknown, or ours already, comes back as it is. */
export function asReaction(error: unknown, connection: string, schema: string): unknown {
  if (error instanceof InputError || error instanceof RefusedError || error instanceof UnavailableError) return error;
  const place = `The sink's connection ${JSON.stringify(connection)}`;
  const said = messageOf(error);
  const state = sqlState(error);
  if (state === DISK_FULL) {
    return new UnavailableError('disk', `${place}: the server has no room left (${said}). Make room on its disk.`, {
      cause: error,
    });
  }
  // 25006: a primary that became a standby takes no writes; the next connection may reach the new primary.
  if (isBusy(error) || state === '25006') {
    return new UnavailableError('sink-unavailable', `${place} is busy: ${said}.`, {
      cause: error,
    });
  }
  if (isMissingTable(error)) return new RefusedError('generation-gone', `${place}: ${said}.`, { cause: error });
  const kind = failureKind(error);
  if (kind === 'permission') {
    return new InputError('denied', `${place}: ${said}. ${grantSql(schema, null)}`, { cause: error });
  }
  if (kind === 'authentication') {
    return new InputError('bad-connection', `${place} was refused: ${said}. Correct its url.`, { cause: error });
  }
  return asUnavailable(error, 'sink-unavailable', place);
}

/** The statement that lets `role` (null: not known here) make tables in `schema`. */
export function grantSql(schema: string, role: string | null): string {
  const grantee = role === null ? '<the role of its url>' : quoteIdentifier(role);
  return `Run as the owner of the schema: GRANT USAGE, CREATE ON SCHEMA ${quoteIdentifier(schema)} TO ${grantee};`;
}
