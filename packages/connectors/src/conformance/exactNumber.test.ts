import { expect, it } from 'vitest';
import { exactNumber } from './exactNumber.ts';

it.each([
  ['0.1000', '1e-1'],
  ['1e400', `1${'0'.repeat(400)}`],
  ['-0.0', '0'],
  ['9007199254740993', '9007199254740993.0'],
  ['120', '1.2E+2'],
])('%s has the value of %s', (one, other) => {
  expect(exactNumber(one)).toBe(exactNumber(other));
});

it.each([
  ['9007199254740993', '9007199254740992'],
  ['1e400', '1e401'],
  ['0.1', '0.10000000000000001'],
  ['-1', '1'],
])('%s has not the value of %s', (one, other) => {
  expect(exactNumber(one)).not.toBe(exactNumber(other));
});
