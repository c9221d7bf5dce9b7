import { expect, it } from 'vitest';
import { formatCount, formatDuration, formatMoment } from './format.ts';

it.each([
  [0, '0 ms'],
  [250, '250 ms'],
  [5_121, '5.1 s'],
  [9_999, '9.9 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [200_000, '3 min 20 s'],
  [3_600_000, '1 h'],
  [187_200_000, '2 d 4 h'],
])('%d ms is %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

it('groups digits', () => {
  expect(formatCount(138_398)).toBe('138,398');
});

it('tells a moment from now', () => {
  const now = Date.parse('2026-03-01T12:00:00Z');
  expect(formatMoment('2026-03-01T11:57:00Z', now).text).toContain('>3 min ago<');
  expect(formatMoment(now + 7_200_000, now).text).toContain('>in 2 h<');
  expect(formatMoment(now - 4_800, now).text).toContain('>4 s ago<');
  expect(formatMoment(now, now).text).toContain('2026-03-01 12:00:00 UTC');
});
