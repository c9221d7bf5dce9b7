const FIRST_MS = 500;
const MAX_MS = 30_000;
/** One that lived this long starts over with the shortest delay. */
export const HEALTHY_MS = 60_000;

/** How long to wait before a process that ended by itself is started again: doubling, 30 s at most. */
export function restartDelayMs(failuresInARow: number): number {
  return Math.min(MAX_MS, FIRST_MS * 2 ** Math.max(0, failuresInARow - 1));
}
