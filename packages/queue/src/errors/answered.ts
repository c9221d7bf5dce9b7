import { UnavailableError } from '@reindeer/core';

/** Bad luck of the connection or the server: waiting helps. Redis says it in words, PostgreSQL in SQLSTATE. */
const REDIS =
  /^(OOM|LOADING|READONLY|MASTERDOWN|MISCONF|BUSY|CLUSTERDOWN|TRYAGAIN|NOREPLICAS)\b|Connection is closed|max retries per request|Command timed out/i;
const NETWORK =
  /ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|Connection terminated|timeout exceeded when trying to connect/i;
const SQLSTATES = /^(08|53|57P|58|25006)/;
/** Its tables are gone: the next epoch makes them again, as it does for a Redis that was emptied. */
const GONE = new Set(['42P01', '3F000', '42883']);

/**
 * Waits for a queue operation, at most `withinMs` (default 10 s). One that answers later is harmless: every
 * operation may be repeated.
 * @throws UnavailableError when the server is not there, not able, or too slow.
 */
export async function answered<T>(what: string, operation: Promise<T>, withinMs = 10_000): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unavailable(what, new Error(`no answer within ${withinMs} ms`))), withinMs);
  });
  try {
    return await Promise.race([operation, late]);
  } catch (error) {
    if (error instanceof Error && isUnavailable(error)) throw unavailable(what, error);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function isUnavailable(error: Error): boolean {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return (
    REDIS.test(error.message) || NETWORK.test(`${code} ${error.message}`) || SQLSTATES.test(code) || GONE.has(code)
  );
}

/** @param what what could not be done: `be opened`, `take jobs` */
export function unavailable(what: string, cause: Error): UnavailableError {
  // Node gives no message to a connection that was refused at each of several addresses.
  const code = 'code' in cause ? String(cause.code) : cause.name;
  const message = `The queue could not ${what}: ${cause.message || code}.`;
  return new UnavailableError('queue-unavailable', message, { cause });
}
