import { classify, InputError, RefusedError, UnavailableError } from '@reindeer/core';
import { stdSerializers } from 'pino';

/**
 * An error as the log shows it. One whose message says place, value and remedy has no stack: it would bury what
 * somebody has to read. Of what caused it the messages stay. Nor has a server that does not answer: it is asked again
 * and again, and the place in the code says nothing about it.
 */
export function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (!isExpected(error))
    return classify(error) === 'unavailable' ? away(error) : plain(stdSerializers.errWithCause(error));
  const { name: type, message, cause } = error;
  const why = error instanceof InputError ? { code: error.code } : { reason: error.reason };
  return { type, ...why, message, ...(cause instanceof Error ? { cause: { message: cause.message } } : {}) };
}

function away(error: Error): unknown {
  const code = 'code' in error ? error.code : undefined;
  return { type: error.name, message: error.message, ...(typeof code === 'string' ? { code } : {}) };
}

/**
 * Without the objects that libraries hang on their errors: what was sent when it failed, such as a client's sign-in with
 * its password, or the whole of a response. Codes, names and numbers stay, and what it was caused by.
 */
function plain(error: object): object {
  return Object.fromEntries(
    Object.entries(error).flatMap(([name, value]): [string, unknown][] => {
      if (typeof value === 'function' || typeof value === 'symbol') return [];
      if (typeof value !== 'object' || value === null) return [[name, value]];
      if (name === 'aggregateErrors' && Array.isArray(value)) return [[name, value.map(plainOrText)]];
      return name === 'cause' ? [[name, plainOrText(value)]] : [];
    }),
  );
}

function plainOrText(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? plain(value) : value;
}

function isExpected(error: Error): error is InputError | RefusedError | UnavailableError {
  return error instanceof InputError || error instanceof RefusedError || error instanceof UnavailableError;
}
