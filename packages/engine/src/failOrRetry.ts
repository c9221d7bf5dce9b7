import { classify, decideRetry, InputError, type Reason, RefusedError, UnavailableError } from '@reindeer/core';
import type { ClaimedTask } from '@reindeer/ledger';

export type FailureDecision =
  /** This process was told to stop: no failure. */
  | { readonly kind: 'stop'; readonly reason: string }
  | { readonly kind: 'lost' }
  | { readonly kind: 'retry'; readonly delayMs: number; readonly message: string }
  | { readonly kind: 'fail'; readonly reason: Reason; readonly message: string };

/** What follows from a task's error: core decides, by what the error asks of us and how often it came without progress. */
export function failOrRetry(
  error: unknown,
  task: ClaimedTask,
  maxAttempts: number,
  now: { interrupted: boolean },
): FailureDecision {
  const message = error instanceof Error ? error.message : String(error);
  const decision = decideRetry({
    failure: now.interrupted ? 'interrupted' : classify(error),
    attempts: task.attempts + 1,
    maxAttempts,
    retryAfterMs: error instanceof UnavailableError ? error.retryAfterMs : null,
    random: Math.random(),
  });
  switch (decision.kind) {
    case 'stop':
      return error instanceof RefusedError && error.reason === 'lost-claim'
        ? { kind: 'lost' }
        : { kind: 'stop', reason: message };
    case 'retry':
      return { kind: 'retry', delayMs: decision.delayMs, message };
    case 'fail':
      return { kind: 'fail', reason: reasonOf(error), message };
  }
}

function reasonOf(error: unknown): Reason {
  if (error instanceof RefusedError || error instanceof UnavailableError) return error.reason;
  return error instanceof InputError && error.code === 'name-taken' ? 'name-taken' : 'error';
}
