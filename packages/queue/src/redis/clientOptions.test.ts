import { expect, it } from 'vitest';
import { ASKING, MAX_RETRY_DELAY_MS, retryStrategy, WORKING } from './clientOptions.ts';

it('connects again soon at first, and never waits longer than 2 s however long the server is away', () => {
  expect([1, 2, 3, 4, 5].map(retryStrategy)).toEqual([100, 200, 400, 800, 1_600]);
  expect(Math.max(...Array.from({ length: 10_000 }, (_, n) => retryStrategy(n + 1)))).toBe(MAX_RETRY_DELAY_MS);
  expect(MAX_RETRY_DELAY_MS).toBe(2_000);
  expect([ASKING.retryStrategy, WORKING.retryStrategy]).toEqual([retryStrategy, retryStrategy]);
});
