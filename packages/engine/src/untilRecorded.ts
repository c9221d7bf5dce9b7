import { setTimeout as wait } from 'node:timers/promises';

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 5_000;

/**
 * Sends a write to the ledger until its outcome is known. Only for writes that may be repeated (I3). A task whose end
 * could not be recorded would stay with a living owner for ever, so there is no other limit than the signal.
 * @param passes whether an error may pass; one that may not is thrown at once
 */
export async function untilRecorded<T>(
  send: () => Promise<T>,
  options: { readonly signal?: AbortSignal; readonly passes: (error: unknown) => boolean },
): Promise<T> {
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * 2, MAX_DELAY_MS)) {
    try {
      return await send();
    } catch (error) {
      if (options.signal?.aborted || !options.passes(error)) throw error;
      await wait(delayMs, undefined, options.signal === undefined ? {} : { signal: options.signal });
    }
  }
}
