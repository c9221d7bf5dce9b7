import { expect, it } from 'vitest';
import type { SweepContext } from '../sweepContext.ts';
import { eachIndexEvery } from './eachIndexEvery.ts';

const context = {
  config: { indexes: { one: {}, two: {} } },
  indexes: { open: async (name: string) => ({ definition: { name } }) },
  logger: { warn() {} },
} as unknown as SweepContext;

it('comes to every index at first, not again before its time, and sooner where it is due', async () => {
  const seen: string[] = [];
  let due = false;
  const sweep = eachIndexEvery(
    60_000,
    'failed',
    async (_, index) => {
      seen.push(index.definition.name);
      if (index.definition.name === 'one') throw new Error('keeps no other from its turn');
    },
    async () => due,
  );
  await sweep(context);
  await sweep(context);
  expect(seen).toEqual(['one', 'two']);
  due = true;
  await sweep(context);
  expect(seen).toEqual(['one', 'two', 'one', 'two']);
});
