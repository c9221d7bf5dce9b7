import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BUCKETS, bucketRanges } from './bucketRanges.ts';

const counts = (bits: number) =>
  fc
    .uniqueArray(fc.record({ prefix: fc.nat((1 << bits) - 1), count: fc.integer({ min: 1, max: 9_000 }) }), {
      selector: ({ prefix }) => prefix,
      maxLength: 200,
    })
    .map((entries) => entries.sort((a, b) => a.prefix - b.prefix));

it('covers every bucket from where it begins exactly once, whatever the counts', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 12 }).chain((bits) => fc.tuple(fc.constant(bits), counts(bits))),
      fc.nat(BUCKETS),
      ([bits, entries], after) => {
        const ranges = bucketRanges(entries, bits, 5_000, after);
        let at = after;
        for (const range of ranges) {
          expect(range.from).toBe(at);
          expect(range.to).toBeGreaterThan(range.from);
          at = range.to;
        }
        expect(at).toBe(BUCKETS);
      },
    ),
  );
});

it('holds about the target in each range, but for a prefix that alone has more', () => {
  fc.assert(
    fc.property(counts(12), (entries) => {
      const largest = Math.max(0, ...entries.map(({ count }) => count));
      for (const { count } of bucketRanges(entries, 12, 5_000))
        expect(count).toBeLessThanOrEqual(Math.max(5_000, largest));
    }),
  );
});

it('goes on after a range that is done', () => {
  const entries = [0, 1, 2, 3].map((prefix) => ({ prefix, count: 4_000 }));
  const all = bucketRanges(entries, 2, 5_000);
  expect(all.map(({ count }) => count)).toEqual([4_000, 4_000, 4_000, 4_000]);
  expect(bucketRanges(entries, 2, 5_000, all[1]?.to)).toEqual(all.slice(2));
});

it('is one range where nothing is known to be there: something may have come since', () => {
  expect(bucketRanges([], 12, 5_000)).toEqual([{ from: 0, to: BUCKETS, count: 0 }]);
  expect(bucketRanges([], 12, 5_000, BUCKETS)).toEqual([]);
});

it('leaves buckets that no id has to the first and the last range', () => {
  const entries = [
    { prefix: -7, count: 9_000 },
    { prefix: 0, count: 4_000 },
    { prefix: 1, count: 4_000 },
    { prefix: 40, count: 9_000 },
    { prefix: 90, count: 9_000 },
  ];
  expect(bucketRanges(entries, 1, 5_000)).toEqual([
    { from: 0, to: BUCKETS / 2, count: 4_000 },
    { from: BUCKETS / 2, to: BUCKETS, count: 4_000 },
  ]);
});
