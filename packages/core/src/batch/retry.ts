import { InputError, RefusedError, UnavailableError } from '../error.ts';
import { backoffMs } from '../schedule/backoff.ts';

/** What a task's error asks of us. */
export type FailureClass = 'unavailable' | 'input' | 'refused' | 'lost-claim' | 'interrupted' | 'unknown';

export type RetryDecision =
  | { readonly kind: 'retry'; readonly delayMs: number }
  | { readonly kind: 'fail' }
  /** Not ours any more, or we were told to stop: no failure. */
  | { readonly kind: 'stop' };

const RETRY_BASE_MS = 1_000;
const RETRY_MAX_MS = 300_000;

/**
 * What follows when a task failed. What is wrong in itself fails at once; what may pass is tried again, later each time.
 * @param question.attempts failures without progress in between, this one included
 */
export function decideRetry(question: {
  readonly failure: FailureClass;
  readonly attempts: number;
  readonly maxAttempts: number;
  readonly retryAfterMs: number | null;
  readonly random: number;
}): RetryDecision {
  switch (question.failure) {
    case 'lost-claim':
    case 'interrupted':
      return { kind: 'stop' };
    case 'input':
    case 'refused':
      return { kind: 'fail' };
    case 'unavailable':
    case 'unknown': {
      if (question.attempts >= question.maxAttempts) return { kind: 'fail' };
      const delayMs = backoffMs(question.attempts, { baseMs: RETRY_BASE_MS, maxMs: RETRY_MAX_MS }, question.random);
      return { kind: 'retry', delayMs: Math.max(delayMs, question.retryAfterMs ?? 0) };
    }
  }
}

/**
 * Codes of what passes. PostgreSQL (appendix A of its manual): connection 08, resources 53, shutdown 57P0, serialisation
 * and deadlock 40001 and 40P01, lock 55P03, cancelled statement 57014, a standby that was a primary 25006, an idle
 * transaction that was ended 25P03. Node: sockets, names, and undici's timeouts.
 */
const UNAVAILABLE =
  /^(08|53|57P0|(40001|40P01|55P03|57014|25006|25P03|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)$|ECONN|E(HOST|NET)(UNREACH|DOWN)$|UND_ERR_(SOCKET|\w+_TIMEOUT)$)/;

/** pg gives these without a code. */
const LOST_CONNECTION =
  /connection terminated|connection timeout|timeout exceeded when trying to connect|client has encountered a connection error/i;

/** Which reaction an error needs, by its class, its code, or what the driver says of a lost connection. */
export function classify(error: unknown): FailureClass {
  if (error instanceof InputError) return 'input';
  if (error instanceof RefusedError) return error.reason === 'lost-claim' ? 'lost-claim' : 'refused';
  if (error instanceof UnavailableError) return 'unavailable';
  if (!(error instanceof Error)) return 'unknown';
  if (error.name === 'AbortError') return 'interrupted';
  // What AbortSignal.timeout gives: somebody did not answer in time.
  if (error.name === 'TimeoutError' || isUnavailable(error)) return 'unavailable';
  if (error instanceof AggregateError && error.errors.some((one) => classify(one) === 'unavailable'))
    return 'unavailable';
  // Drivers, and fetch, wrap what happened; an error that we have classed ourselves is not looked behind.
  return error.cause instanceof Error && classify(error.cause) === 'unavailable' ? 'unavailable' : 'unknown';
}

function isUnavailable(error: Error): boolean {
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  if (typeof code === 'string' && UNAVAILABLE.test(code)) return true;
  // A server on a Unix socket that is not there now.
  return (code === 'ENOENT' && syscall === 'connect') || LOST_CONNECTION.test(error.message);
}
