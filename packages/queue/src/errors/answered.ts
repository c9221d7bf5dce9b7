import { UnavailableError } from '@reindeer/core';

/** Bad luck of the connection or the server: waiting helps. Redis says it in words, PostgreSQL in SQLSTATE. */
const REDIS =
  /^(OOM|LOADING|READONLY|MASTERDOWN|MISCONF|BUSY|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|WRONGPASS|NOAUTH)\b|Command timed out/i;
const NETWORK =
  /ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|Connection is closed|max retries per request|None of startup nodes is available|Connection terminated|terminating connection|timeout exceeded when trying to connect/i;
const SQLSTATES = /^(08|53|57P|58|25006)/;
const UNTRUSTED = /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_\w+)$/;
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

/** Whether waiting may help: the server is not there, or not able. */
export function isUnavailable(error: Error): boolean {
  const code = codeOf(error);
  return isDisconnected(error) || REDIS.test(error.message) || SQLSTATES.test(code) || GONE.has(code);
}

/** Whether a connection was refused, cut off, or not to be had. */
export function isDisconnected(error: Error): boolean {
  return NETWORK.test(`${codeOf(error)} ${error.message}`);
}

/** Whether nobody whom this process trusts vouches for the server. */
export function isUntrusted(error: Error): boolean {
  return UNTRUSTED.test(codeOf(error));
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** @param what what could not be done: `be opened`, `take jobs` */
export function unavailable(what: string, cause: Error): UnavailableError {
  // Node gives no message to a connection that was refused at each of several addresses.
  const code = codeOf(cause);
  const detail = cause.message || code || cause.name;
  const remedy = isUntrusted(cause) ? ' Name the authority of its certificate as ?ca=/path.pem in queue.url.' : '';
  const message = `The queue could not ${what}: ${detail.replace(/\.$/, '')}.${remedy}`;
  return new UnavailableError('queue-unavailable', message, { cause });
}
