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
 * Passes on an error at once, and the same message again only when `windowMs` (default 10 s) have passed, then with
 * the number of those in between: a Redis that was out of memory made a worker emit 9,862 errors in 3 s. Messages
 * that differ only in numbers, such as the id of a job, are the same. An error object that several
 * queues pass on from their one connection counts once.
 */
export function limitErrors(onError: (error: Error) => void, windowMs = 10_000): LimitedErrors {
  const floods = new Map<string, Flood>();
  const seen = new WeakSet<Error>();
  let closed = false;

  const end = (kind: string, flood: Flood) => {
    floods.delete(kind);
    if (flood.suppressed === 0) return;
    const more = `${flood.error.message} (${flood.suppressed} more like it)`;
    onError(new Error(more, { cause: flood.error }));
  };

  return {
    report(thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      if (closed || seen.has(error)) return;
      seen.add(error);
      const kind = kindOf(error, floods);
      const known = floods.get(kind);
      if (known !== undefined) {
        known.suppressed += 1;
        return;
      }
      const timer = setTimeout(() => {
        const flood = floods.get(kind);
        if (flood !== undefined) end(kind, flood);
      }, windowMs).unref();
      floods.set(kind, { error, timer, suppressed: 0 });
      onError(error);
    },
    close() {
      closed = true;
      for (const [kind, flood] of [...floods]) {
        clearTimeout(flood.timer);
        end(kind, flood);
      }
    },
  };
}

function kindOf(error: Error, floods: ReadonlyMap<string, unknown>): string {
  const kind = error.message.slice(0, 300).replace(/[0-9a-f]*\d[0-9a-f-]*/gi, '#');
  return floods.has(kind) || floods.size < MAX_KINDS ? kind : 'others';
}
