import { describe, expect, it } from 'vitest';
import { parseSize } from './size.ts';

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
