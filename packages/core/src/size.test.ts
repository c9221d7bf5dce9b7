import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatSize, parseSize } from './size.ts';

describe('parseSize', () => {
  it.each([
    ['5MB', 5_000_000],
    ['512B', 512],
    ['500KB', 500_000],
    ['1GB', 1_000_000_000],
    ['64KiB', 65_536],
    ['1MiB', 1_048_576],
    ['2GiB', 2_147_483_648],
  ])('%s is %i bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(['', '5', 'MB', '5 MB', '5mb', '5Mb', '1.5MB', '-5MB', '5MB\n', '999999999999GB'])('%j is none', (text) => {
    expect(parseSize(text)).toBeNull();
  });
});

describe('formatSize', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 KB'],
    [3_200_000, '3.2 MB'],
    [9_999_999, '9.9 MB'],
    [999_999_999, '999 MB'],
    [41_000_000_000, '41 GB'],
  ])('%i is %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });

  it('is short, whatever the size', () => {
    fc.assert(
      fc.property(fc.nat(Number.MAX_SAFE_INTEGER), (bytes) => {
        expect(formatSize(bytes)).toMatch(/^(\d{1,3}|\d\.\d) [KMGTP]?B$/);
      }),
    );
  });
});
