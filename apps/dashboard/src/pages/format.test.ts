import { expect, it } from 'vitest';
import { formatDue, formatMoment } from './format.ts';

const now = Date.parse('2026-03-01T12:00:00Z');

it('tells a moment from now', () => {
  expect(formatMoment('2026-03-01T11:57:00Z', now).text).toContain('>3 min ago<');
  expect(formatMoment(now + 7_200_000, now).text).toContain('>in 2 h<');
  expect(formatMoment(now - 4_800, now).text).toContain('>4 s ago<');
  expect(formatMoment(now, now).text).toContain('2026-03-01 12:00:00 UTC');
});

it('says late where something should have happened', () => {
  expect(formatDue(now + 7_200_000, now).text).toContain('>in 2 h<');
  expect(formatDue(now + 500, now).text).toContain('>due now<');
  expect(formatDue(now - 4_000, now).text).toContain('>due now<');
  expect(formatDue(now - 12_000, now).text).toContain('>late by 12 s<');
});
