import { expect, it } from 'vitest';
import { retryAfterMs } from './retryAfter.ts';

const NOW = Date.parse('2026-03-01T00:00:00Z');

it.each([
  ['7', 7_000],
  ['0.5', 500],
  ['-3', 0],
  ['Sun, 01 Mar 2026 00:00:10 GMT', 10_000],
  ['Sat, 28 Feb 2026 00:00:00 GMT', 0],
  ['soon', null],
  ['', null],
  [undefined, null],
])('reads %j as %j', (header, expected) => {
  expect(retryAfterMs(header, NOW)).toBe(expected);
});
