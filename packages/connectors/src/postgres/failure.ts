import { type Reason, UnavailableError } from '@reindeer/core';

/** What an error of PostgreSQL, or of the way to it, asks of the caller. */
export type FailureKind =
  /** Not now: connection lost, server starting or full, deadlock. */
  | 'unavailable'
  /** The statement was stopped: by its timeout, or by a person. */
  | 'cancelled'
  /** Wrong password, no such role or database, refused by pg_hba.conf. */
  | 'authentication'
  | 'permission'
  /** A schema, table, column, function or type that is not there, or text that is no SQL. */
  | 'statement'
  /** The data does not permit it: out of range, division by zero, not of this type. */
  | 'data'
  | 'other';

/** By SQLSTATE (five letters) or, for what never reached the server, by the system's error code. */
export function failureKind(error: unknown): FailureKind {
  const code = sqlState(error);
  if (code === null) return isConnectionLoss(error) ? 'unavailable' : 'other';
  if (code === '57014') return 'cancelled';
  if (code === '42501') return 'permission';
  if (code === '3D000' || code.startsWith('28')) return 'authentication';
  if (UNAVAILABLE_CLASSES.has(code.slice(0, 2)) || UNAVAILABLE.has(code)) return 'unavailable';
  if (code.startsWith('42') || code === '3F000' || code === '0A000') return 'statement';
  if (code.startsWith('22')) return 'data';
  return 'other';
}

/** The five letters by which PostgreSQL names an error; null when the error is not one of its own. */
export function sqlState(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null;
  return /^[0-9A-Z]{5}$/.test(error.code) && 'severity' in error ? error.code : null;
}

/** The error to throw when a server does not answer, or not in time; any other error comes back as it is. */
export function asUnavailable(error: unknown, reason: Reason, server: string): unknown {
  const kind = failureKind(error);
  if (kind !== 'unavailable' && kind !== 'cancelled') return error;
  const told = messageOf(error);
  return new UnavailableError(
    reason,
    kind === 'cancelled'
      ? `${server} did not answer in time: ${told}. The statement was stopped and can be tried again.`
      : `${server} does not answer: ${told}. Check that it runs and can be reached from here.`,
    { cause: error },
  );
}

/** An error's message, also for those of several addresses, whose own message is empty. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

// 08 connection, 53 resources (too many connections, disk full), 58 the system below.
const UNAVAILABLE_CLASSES = new Set(['08', '53', '58']);
const UNAVAILABLE = new Set([
  '40001', // serialization failure, also a replica's conflict with recovery
  '40P01', // deadlock
  '55P03', // lock not available
  '57P01', // server stopping, or the connection was terminated
  '57P02', // server crashed
  '57P03', // server starting
  '57P05', // idle session timeout
  '25P03', // idle in transaction timeout
]);

const SYSTEM_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENOENT', // a socket's directory
  'EPIPE',
]);

function isConnectionLoss(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isConnectionLoss);
  if (!(error instanceof Error)) return false;
  if ('code' in error && typeof error.code === 'string' && SYSTEM_CODES.has(error.code)) return true;
  // The driver's own, which carry no code.
  return /^(Connection terminated|timeout expired|timeout exceeded when trying to connect|Client has encountered a connection error|The server closed)/i.test(
    error.message,
  );
}
