import { setTimeout as wait } from 'node:timers/promises';

/**
 * Waits for a state: asks again until `look` gives something other than undefined or false, every `everyMs` (default 50).
 * @throws when it does not within `timeoutMs` (default 2 minutes, which only what hangs takes), saying what was waited for and what was seen last.
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  timeoutMs = 120_000,
  everyMs = 50,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const seen = await look();
      if (seen !== undefined && seen !== false) return seen;
      last = seen;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) throw new Error(`Waited ${timeoutMs} ms for: ${what}`, { cause: last });
    await wait(everyMs);
  }
}
