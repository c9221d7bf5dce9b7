import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUCKETS } from './bucketRanges.ts';
import { type DigestEntry, DigestSum, differingPrefixes, digestBits, prefixOf, rangesOfPrefixes } from './digest.ts';

const entry = (prefix: number, count = 1, f1 = prefix, f2 = 7): DigestEntry => ({ prefix, count, f1, f2 });

describe('digestBits', () => {
  it.each([
    [0, 0],
    [96, 0],
    [97, 1],
    [1_000_000, 14],
    [4_000_000_000, 16],
  ])('of %i documents are %i', (documents, bits) => expect(digestBits(documents)).toBe(bits));
});

describe('differingPrefixes', () => {
  it('names those in which anything differs, on either side', () => {
    const source = [entry(0), entry(1), entry(2), entry(3), entry(5)];
    const sink = [entry(0), entry(1, 2), entry(2, 1, 9), entry(3, 1, 3, 8), entry(6)];
    expect([...differingPrefixes(source, sink, 3)].sort()).toEqual([1, 2, 3, 5, 6]);
    expect(differingPrefixes(source, source, 3).size).toBe(0);
    expect(differingPrefixes([], [], 0).size).toBe(0);
  });

  it('takes a prefix that no id has for the nearest, as a selection does', () => {
    expect([...differingPrefixes([], [entry(-3), entry(99)], 3)]).toEqual([0, 7]);
    expect([prefixOf(-1, 3), prefixOf(5_000_000, 3), prefixOf(BUCKETS - 1, 3), prefixOf(0, 3)]).toEqual([0, 7, 7, 0]);
  });

  it('is none, however the whole was cut into parts', () => {
    const documents = fc.array(fc.record({ prefix: fc.nat(15), f1: fc.nat(2 ** 32 - 1), f2: fc.nat(2 ** 32 - 1) }));
    fc.assert(
      fc.property(documents, fc.nat(), (all, cut) => {
        const whole = new DigestSum();
        whole.add(all.map((one) => ({ ...one, count: 1 })));
        const parts = new DigestSum();
        const at = cut % (all.length + 1);
        for (const part of [all.slice(at), all.slice(0, at)]) parts.add(part.map((one) => ({ ...one, count: 1 })));
        expect(differingPrefixes(whole.entries, parts.entries, 4).size).toBe(0);
        if (all.length > 0) {
          parts.add([entry(all[0]?.prefix ?? 0, 0, 1, 0)]);
          expect(differingPrefixes(whole.entries, parts.entries, 4).size).toBe(1);
        }
      }),
    );
  });
});

describe('rangesOfPrefixes', () => {
  it('holds every prefix from where it begins exactly once, ascending, and goes on after a range that is done', () => {
    const input = fc.record({
      bits: fc.integer({ min: 0, max: 10 }),
      wanted: fc.array(fc.nat(1023)),
      counts: fc.array(fc.tuple(fc.nat(1023), fc.integer({ min: 1, max: 900 }))),
      skip: fc.nat(20),
    });
    fc.assert(
      fc.property(input, ({ bits, wanted, counts, skip }) => {
        const width = BUCKETS >> bits;
        const prefixes = new Set(wanted.map((prefix) => prefix % 2 ** bits));
        const ranges = rangesOfPrefixes({ bits, prefixes }, new Map(counts), 1_000);
        let at = -1;
        for (const { from, to } of ranges) {
          expect(from).toBeGreaterThan(at);
          expect(to).toBeGreaterThan(from);
          at = to - 1;
        }
        for (const prefix of prefixes)
          expect(ranges.filter(({ from, to }) => from <= prefix * width && to >= (prefix + 1) * width)).toHaveLength(1);
        const done = ranges[skip % Math.max(1, ranges.length)]?.to ?? 0;
        const left = rangesOfPrefixes({ bits, prefixes }, new Map(counts), 1_000, done);
        expect(left.every(({ from }) => from >= done)).toBe(true);
        expect(left.at(-1)?.to).toBe(ranges.at(-1)?.to === done ? undefined : ranges.at(-1)?.to);
      }),
    );
  });

  it('lists a short gap along, and no long one', () => {
    const counts = new Map(Array.from({ length: 16 }, (_, prefix) => [prefix, 200] as const));
    const width = BUCKETS >> 4;
    const some = rangesOfPrefixes({ bits: 4, prefixes: new Set([1, 3, 9]) }, counts, 5_000);
    expect(some).toEqual([
      { from: width, to: 4 * width },
      { from: 9 * width, to: 10 * width },
    ]);
  });
});
