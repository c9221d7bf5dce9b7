import { expect, test } from 'vitest';
import { restartDelayMs } from './restartDelayMs.ts';

test('doubles up to half a minute', () => {
  expect([1, 2, 3, 6, 7, 100].map(restartDelayMs)).toEqual([500, 1_000, 2_000, 16_000, 30_000, 30_000]);
});
