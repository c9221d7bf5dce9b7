import { InputError, RefusedError, UnavailableError } from '@reindeer/core';
import { stdSerializers } from 'pino';

/**
 * An error as the log shows it. One whose message says place, value and remedy has no stack: it would bury what
 * somebody has to read. Of what caused it the messages stay.
 */
export function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (!isExpected(error)) return stdSerializers.errWithCause(error);
  const { name: type, message, cause } = error;
  const why = error instanceof InputError ? { code: error.code } : { reason: error.reason };
  return { type, ...why, message, ...(cause instanceof Error ? { cause: { message: cause.message } } : {}) };
}

function isExpected(error: Error): error is InputError | RefusedError | UnavailableError {
  return error instanceof InputError || error instanceof RefusedError || error instanceof UnavailableError;
}
