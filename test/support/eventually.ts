import { vi } from 'vitest';

/** Asks again and again until the assertion holds. One that never does fails with what it found last, after 2 minutes. */
export function eventually<T>(assertion: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(assertion, { timeout: 120_000, interval: 50 });
}
