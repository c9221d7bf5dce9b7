/** Sends the newest of many values, at most one in `everyMs`. */
export interface ThrottledProgress<T> {
  update(value: T): void;
  /** Sends what is still held back; resolves when it has arrived. Nothing is sent afterwards. */
  end(): Promise<void>;
}

/**
 * @param everyMs default 1 s: each update of a job's progress is an entry in BullMQ's stream of events
 * @param signal nothing is sent once it is aborted: BullMQ would let a worker without the lock overwrite the live one's
 */
export function throttleProgress<T>(
  send: (value: T) => Promise<void>,
  signal: AbortSignal,
  onError: (error: unknown) => void,
  everyMs = 1_000,
): ThrottledProgress<T> {
  let held: { value: T } | null = null;
  let timer: NodeJS.Timeout | null = null;
  let sending = Promise.resolve();
  let ended = false;

  const flush = () => {
    const next = held;
    held = null;
    if (next === null || signal.aborted) return;
    sending = sending.then(() => (signal.aborted ? undefined : send(next.value))).catch(onError);
  };
  const tick = () => {
    timer = null;
    if (held === null) return;
    timer = setTimeout(tick, everyMs);
    flush();
  };

  return {
    update(value) {
      if (ended) return;
      held = { value };
      if (timer !== null) return;
      timer = setTimeout(tick, everyMs);
      flush();
    },
    async end() {
      ended = true;
      if (timer !== null) clearTimeout(timer);
      flush();
      await sending;
    },
  };
}
