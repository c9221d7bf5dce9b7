import type { IndexDefinition } from '@reindeer/core';
import { expect, it } from 'vitest';
import { wantedSchedules } from './schedules.ts';

const every = (everyMs: number) => ({ schedule: { kind: 'every' as const, everyMs } });
const index = (name: string, lanes: object): IndexDefinition =>
  ({
    name,
    shards: 8,
    rebuild: { schedule: null },
    refresh: { schedule: null },
    verify: { schedule: null },
    ...lanes,
  }) as IndexDefinition;

const wanted = (lanes: object, live: readonly (readonly [string, number])[] = []) =>
  wantedSchedules({ indexes: { cities: index('cities', lanes) } }, new Map(live));

it('are one of a rebuild for the whole index, and one of a refresh for each shard', () => {
  const entries = wanted({ rebuild: every(3_600_000), refresh: every(30_000) });
  expect(entries.map(({ lane, shard }) => `${lane} ${shard}`)).toEqual([
    'rebuild -1',
    ...Array.from({ length: 8 }, (_, shard) => `refresh ${shard}`),
  ]);
});

it('are spread evenly over the period, and no two lanes fire together', () => {
  const offsets = wanted({ refresh: every(30_000), verify: every(30_000) }).map(({ schedule }) =>
    schedule.kind === 'every' ? schedule.offsetMs : Number.NaN,
  );
  const refreshes = offsets.slice(0, 8).toSorted((a, b) => a - b);
  for (let at = 1; at < 8; at += 1) expect((refreshes[at] ?? 0) - (refreshes[at - 1] ?? 0)).toBe(3_750);
  expect(new Set(offsets).size).toBe(16);
});

it('are of the shards that the live generation has, whatever the configuration says by now', () => {
  const shards = (live: number) => wanted({ refresh: every(30_000) }, [['cities', live]]).map(({ shard }) => shard);
  expect(shards(3)).toEqual([0, 1, 2]);
  expect(shards(12)).toHaveLength(12);
  expect(shards(1)).toEqual([0]);
});

it('fire together where a cron says when', () => {
  const cron = { schedule: { kind: 'cron' as const, cron: '0 3 * * *', timezone: 'UTC' } };
  expect(wanted({ verify: cron }).map(({ schedule }) => schedule)).toEqual(Array(8).fill(cron.schedule));
});

it('are none for a lane that is not mentioned', () => {
  expect(wanted({})).toEqual([]);
});
