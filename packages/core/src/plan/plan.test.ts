import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RebuildDefinition } from '../definition.ts';
import { shardRanges } from './shards.ts';
import { planSliceCounts } from './sliceCount.ts';

const rebuild = (slices: number | null): Pick<RebuildDefinition, 'sliceTargetMs' | 'slices'> => ({
  sliceTargetMs: 60_000,
  slices,
});

describe('shardRanges', () => {
  it('puts every key into exactly one shard, for any bounds', () => {
    const bounds = fc
      .uniqueArray(fc.integer({ min: -1_000, max: 1_000 }), { maxLength: 20 })
      .map((all) => all.sort((a, b) => a - b));
    fc.assert(
      fc.property(bounds, fc.integer({ min: -1_100, max: 1_100 }), (all, key) => {
        const shards = shardRanges(all.map((bound) => [String(bound)]));
        const within = shards.filter(
          ({ after, upTo }) => (after === null || Number(after[0]) < key) && (upTo === null || key <= Number(upTo[0])),
        );
        expect(within).toHaveLength(1);
        expect(shards.map((one) => one.shard)).toEqual(shards.map((_, at) => at));
      }),
    );
  });
});

describe('planSliceCounts', () => {
  it.each([
    [{ rows: 0, shards: 1, rebuild: rebuild(null) }, 1],
    [{ rows: 138_398, shards: 1, rebuild: rebuild(16) }, 16],
    [{ rows: 138_398, shards: 8, rebuild: rebuild(16) }, 2],
    [{ rows: 1_000_000, shards: 1, rebuild: rebuild(null) }, 4],
    [{ rows: 1e12, shards: 1, rebuild: rebuild(null) }, 4_096],
    [{ rows: 1e12, shards: 16, rebuild: rebuild(null) }, 256],
  ])('%j makes %i per shard', (plan, slices) => {
    expect(planSliceCounts(plan)).toBe(slices);
  });

  it('gives each shard a slice, and all of them together at most 4,096', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1, max: 1e15, noNaN: true }),
        fc.integer({ min: 1, max: 4_096 }),
        fc.option(fc.integer({ min: 1, max: 4_096 })),
        (rows, shards, slices) => {
          const each = planSliceCounts({ rows, shards, rebuild: rebuild(slices) });
          expect(Number.isInteger(each)).toBe(true);
          expect(each).toBeGreaterThanOrEqual(1);
          expect(each * shards).toBeLessThanOrEqual(4_096);
        },
      ),
    );
  });
});
