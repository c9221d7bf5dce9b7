import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LANES } from '../lane.ts';
import { applyingHolds, type Hold, holdReason } from './holds.ts';

const cities = { index: 'cities', lane: 'rebuild', run: 12 } as const;
const hold = (scope: Partial<Hold>): Hold => ({ index: null, lane: null, run: null, reason: 'paused', ...scope });

describe('applyingHolds', () => {
  it.each<[string, Hold, boolean]>([
    ['on everything', hold({}), true],
    ['on its index', hold({ index: 'cities' }), true],
    ['on another index', hold({ index: 'towns' }), false],
    ['on its lane of every index', hold({ lane: 'rebuild' }), true],
    ['on another lane', hold({ index: 'cities', lane: 'verify' }), false],
    ['on the run itself', hold({ run: 12 }), true],
    ['on another run', hold({ run: 13 }), false],
  ])('%s', (_, one, applies) => {
    expect(applyingHolds([one], cities)).toEqual(applies ? [one] : []);
  });

  it('a hold on one run does not keep the lane from starting another', () => {
    expect(applyingHolds([hold({ run: 12 })], { ...cities, run: null })).toEqual([]);
  });

  it('keeps the work back until the last hold is released, in whatever order they go', () => {
    const scope = fc.record({
      index: fc.constantFrom(null, 'cities', 'towns'),
      lane: fc.constantFrom(null, ...LANES),
      run: fc.constantFrom(null, 12, 13),
      reason: fc.constantFrom('paused', 'queue-paused', 'disk'),
    });
    const orders = fc
      .array(scope, { maxLength: 12 })
      .chain((all) => fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }));
    fc.assert(
      fc.property(orders, (all) => {
        const applies = (one: Hold) =>
          [null, 'cities'].includes(one.index) && [null, 'rebuild'].includes(one.lane) && [null, 12].includes(one.run);
        let left: readonly Hold[] = all;
        for (const released of all) {
          expect(applyingHolds(left, cities).length === 0).toBe(!left.some(applies));
          left = left.filter((one) => one !== released);
        }
        expect(applyingHolds(left, cities)).toEqual([]);
      }),
    );
  });
});

describe('holdReason', () => {
  it.each([
    ['paused', 'paused'],
    ['queue-paused', 'paused'],
    ['source-replaced', 'held'],
    ['disk', 'held'],
  ])('%s is %s', (reason, named) => {
    expect(holdReason({ reason })).toBe(named);
  });
});
