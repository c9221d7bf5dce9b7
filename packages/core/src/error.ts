import type { Reason } from './reason.ts';

/** The caller gave something wrong: giving it again will not help. The message names the place, the value and the remedy. */
export class InputError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'InputError';
    this.code = code;
  }
}

/** Right in itself, but not now: the reason says why (I9). */
export class RefusedError extends Error {
  readonly reason: Reason;
  constructor(reason: Reason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RefusedError';
    this.reason = reason;
  }
}

/** A server did not answer, or not in time: try again later. */
export class UnavailableError extends Error {
  readonly reason: Reason;
  readonly retryAfterMs: number | null;
  constructor(reason: Reason, message: string, options?: ErrorOptions & { retryAfterMs?: number }) {
    super(message, options);
    this.name = 'UnavailableError';
    this.reason = reason;
    this.retryAfterMs = options?.retryAfterMs ?? null;
  }
}
