import { expect, test } from 'vitest';
import { taskTitle } from './title.ts';

const task = { index: 'cities', lane: 'rebuild', run: 12, kind: 'slice', number: 3, slices: 16 } as const;

test.each([
  [task, 'cities · rebuild #12 · slice 3/16'],
  [{ ...task, slices: 0 }, 'cities · rebuild #12 · slice 3'],
  [{ ...task, kind: 'plan', number: 0 } as const, 'cities · rebuild #12 · plan'],
  [{ ...task, kind: 'finish', number: 0 } as const, 'cities · rebuild #12 · finish'],
])('%# is titled', (asked, title) => {
  expect(taskTitle(asked)).toBe(title);
});
