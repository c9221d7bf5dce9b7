import { UnavailableError } from '@reindeer/core';
import { isDisconnected, isUnavailable, unavailable } from './answered.ts';

/** A listener for errors that come in floods. */
export interface LimitedErrors {
  report(error: unknown): void;
  /** Passes on what is still held back. What is reported afterwards, as connections end, is nobody's concern. */
  close(): void;
}

interface Flood {
  readonly error: Error;
  readonly timer: NodeJS.Timeout;
  suppressed: number;
}

/** More kinds of message than this at once are counted as one. */
const MAX_KINDS = 100;

/**
 * Passes on an error at once, and while more like it come only their number, once in `windowMs` (default 10 s): a Redis
 * that was out of memory made a worker emit 9,862 errors in 3 s. Messages that differ only in numbers, such as the id
 * of a job, are the same; so are all the ways in which the connections of a process tell that the server is away. An error
 * object that several queues pass on from their one connection counts once.
 */
export function limitErrors(onError: (error: Error) => void, windowMs = 10_000): LimitedErrors {
  const floods = new Map<string, Flood>();
  const seen = new WeakSet<Error>();
  let closed = false;

  const tellRest = ({ error, suppressed }: Flood) => {
    if (suppressed > 0) onError(withMessage(error, `${error.message} (${suppressed} more like it)`));
  };
  const endWindow = (kind: string) => {
    const flood = floods.get(kind);
    if (flood === undefined) return;
    tellRest(flood);
    if (flood.suppressed > 0) flood.suppressed = 0;
    else {
      clearInterval(flood.timer);
      floods.delete(kind);
    }
  };

  return {
    report(thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      withoutArguments(error);
      if (closed || seen.has(error)) return;
      seen.add(error);
      const kind = kindOf(error, floods);
      const known = floods.get(kind);
      if (known !== undefined) {
        known.suppressed += 1;
        return;
      }
      const told = isUnavailable(error) ? unavailable(isDisconnected(error) ? 'be reached' : 'be used', error) : error;
      const timer = setInterval(() => endWindow(kind), windowMs).unref();
      floods.set(kind, { error: told, timer, suppressed: 0 });
      onError(told);
    },
    close() {
      closed = true;
      for (const flood of floods.values()) {
        clearInterval(flood.timer);
        tellRest(flood);
      }
      floods.clear();
    },
  };
}

/** The client for Redis hangs the refused command on its error, and a sign-in has the password among its arguments. */
function withoutArguments(error: Error): void {
  if ('command' in error) Object.assign(error, { command: undefined });
}

function kindOf(error: Error, floods: ReadonlyMap<string, unknown>): string {
  if (isDisconnected(error)) return 'disconnected';
  const kind = error.message.slice(0, 300).replace(/[0-9a-f]*\d[0-9a-f-]*/gi, '#');
  return floods.has(kind) || floods.size < MAX_KINDS ? kind : 'others';
}

/** Of the class that tells a logger whether a stack is of any use. */
function withMessage(error: Error, message: string): Error {
  if (error instanceof UnavailableError) return new UnavailableError(error.reason, message);
  return new Error(message, { cause: error });
}
