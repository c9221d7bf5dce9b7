import { expect, it } from 'vitest';
import { formatCount } from './count.ts';

it('groups digits', () => {
  expect(formatCount(138_398)).toBe('138,398');
});
