/**
 * Exponential back-off with equal jitter: half of the delay is certain, half is chance, so that what failed together
 * does not come back together, and nothing comes back at once. The rule is from M. Brooker, "Exponential Backoff And
 * Jitter", AWS Architecture Blog, 2015.
 * @param failures how often it has failed in a row, from 1
 * @param random in [0, 1)
 * @returns milliseconds
 */
export function backoffMs(failures: number, limits: { baseMs: number; maxMs: number }, random: number): number {
  const ceiling = Math.min(limits.maxMs, limits.baseMs * 2 ** Math.min(Math.max(failures, 1) - 1, 30));
  return Math.round(ceiling / 2 + (random * ceiling) / 2);
}

const FAILED_RUN_BASE_MS = 60_000;
const FAILED_RUN_MAX_MS = 3_600_000;

/** How long a lane waits after `failures` failed runs in a row: 1 m, 2 m, 4 m … 1 h. Without chance: there is one scheduler's decision, and people read it. */
export function failedRunBackoffMs(failures: number): number {
  return failures <= 0 ? 0 : Math.min(FAILED_RUN_MAX_MS, FAILED_RUN_BASE_MS * 2 ** Math.min(failures - 1, 20));
}
