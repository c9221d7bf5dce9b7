import { expect, test } from 'vitest';
import { formatMoment, formatShare, plural } from './format.ts';

test('moments look back and ahead', () => {
  expect(formatMoment(1_000_000, 1_000_400)).toBe('now');
  expect(formatMoment('1970-01-01T00:00:00Z', 4_900)).toBe('4 s ago');
  expect(formatMoment(7_200_000, 0)).toBe('in 2 h');
});

test('an unfinished share never reads 100%', () => {
  expect([formatShare(0), formatShare(0.724), formatShare(0.9999), formatShare(1)]).toEqual([
    '0%',
    '72%',
    '99%',
    '100%',
  ]);
});

test('counts have their noun', () => {
  expect(plural(1, 'slice')).toBe('1 slice');
  expect(plural(0, 'index', 'indexes')).toBe('0 indexes');
});
