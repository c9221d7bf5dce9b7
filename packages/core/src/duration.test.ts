import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from './duration.ts';

describe('parseDuration', () => {
  it.each([
    ['0s', 0],
    ['250ms', 250],
    ['30s', 30_000],
    ['5m', 300_000],
    ['6h', 21_600_000],
    ['7d', 604_800_000],
  ])('%s is %i ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    '',
    '5',
    's',
    '5 m',
    '5M',
    '1.5h',
    '-5s',
    '+5s',
    '1e3ms',
    '5m30s',
    '5min',
    ' 5m',
    '5m\n',
    '٥m',
    '999999999999d',
  ])('%j is none', (text) => {
    expect(parseDuration(text)).toBeNull();
  });

  it('is exact in every unit', () => {
    const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
    const unit = fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[]));
    fc.assert(
      fc.property(fc.nat(1_000_000), unit, (amount, one) => {
        expect(parseDuration(`${amount}${one}`)).toBe(amount * units[one]);
      }),
    );
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0 ms'],
    [999.9, '999 ms'],
    [9_540, '9.5 s'],
    [59_999, '59.9 s'],
    [60_000, '1m 00s'],
    [245_000, '4m 05s'],
    [3_599_999, '59m 59s'],
    [3_720_000, '1h 02m'],
    [273_600_000, '3d 04h'],
  ])('%d ms is %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});
