import { InputError, RefusedError, UnavailableError } from '@reindeer/core';
import { redactText } from '@reindeer/runtime';
import { EXIT, type ExitCode } from './exitCode.ts';
import { FailedError } from './FailedError.ts';
import { InterruptedError } from './InterruptedError.ts';

/** How a command ends that threw. */
export interface Ending {
  readonly exitCode: ExitCode;
  /** A short stable string: an InputError's code, a reason, or `error`. */
  readonly code: string;
  /** For people; without secrets. */
  readonly message: string;
  /** Nobody foresaw it: its stack is worth seeing at LOG_LEVEL=debug. */
  readonly unexpected: boolean;
}

export function explainError(error: unknown): Ending {
  const message = redactText(textOf(error));
  if (error instanceof InterruptedError)
    return { exitCode: EXIT.interrupted, code: 'interrupted', message, unexpected: false };
  if (error instanceof InputError) return { exitCode: EXIT.usage, code: error.code, message, unexpected: false };
  if (error instanceof RefusedError) return { exitCode: EXIT.refused, code: error.reason, message, unexpected: false };
  if (error instanceof UnavailableError)
    return { exitCode: EXIT.failed, code: error.reason, message, unexpected: false };
  if (error instanceof FailedError)
    return { exitCode: EXIT.failed, code: error.reason ?? 'failed', message, unexpected: false };
  const remedy = remedyOf(codeOf(error));
  if (remedy !== null)
    return { exitCode: EXIT.failed, code: 'unavailable', message: `${message}. ${remedy}`, unexpected: false };
  return { exitCode: EXIT.failed, code: 'error', message, unexpected: true };
}

/** A refused connection to a name with two addresses is an AggregateError without a message. */
function textOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return [...new Set(error.errors.map(textOf))].join('; ');
  return error instanceof Error ? error.message : String(error);
}

function codeOf(error: unknown): string | null {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  const code: unknown = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : null;
}

/** What the driver throws past the packages' own error classes: system errors, and SQLSTATEs of a connection. */
function remedyOf(code: string | null): string | null {
  switch (code) {
    case 'ECONNREFUSED':
    case 'EHOSTUNREACH':
    case 'ETIMEDOUT':
    case 'ECONNRESET':
      return 'Is the server running, and is its url right?';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'Does the server run, and is the host name in the url right?';
    case 'EADDRINUSE':
      return 'Another process has that port: stop it, or set another port.';
    case '28P01':
    case '28000':
      return 'Are user and password in the url right?';
    case '3D000':
      return 'Create that database, or name another one in the url.';
    case '42501':
      return 'Grant that right to the user of the url.';
    case '53300':
    case '57P03':
      return 'The server takes no connection now; try again later.';
    default:
      return null;
  }
}
