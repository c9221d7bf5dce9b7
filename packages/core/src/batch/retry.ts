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

/** Node's and PostgreSQL's codes for a server that does not answer now: connection class 08, shutdown 57P, too many 53300. */
const UNAVAILABLE =
  /^(08|57P0|53300$|40001$|40P01$|55P03$|57014$|ECONN|EPIPE$|ETIMEDOUT$|ENOTFOUND$|EAI_AGAIN$|EHOSTUNREACH$)/;

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
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && UNAVAILABLE.test(code)) return 'unavailable';
  if (error instanceof AggregateError && error.errors.some((one) => classify(one) === 'unavailable'))
    return 'unavailable';
  return LOST_CONNECTION.test(error.message) ? 'unavailable' : 'unknown';
}
