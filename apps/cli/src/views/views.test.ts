import type { Lane } from '@reindeer/core';
import type { IndexHealth, SliceView } from '@reindeer/ledger';
import { notApplied } from '@reindeer/ledger';
import type { ScheduledTick } from '@reindeer/queue';
import { describe, expect, test } from 'vitest';
import { memoryTerminal } from '../terminal/memoryTerminal.ts';
import { visibleWidth } from '../terminal/table.ts';
import { indexBlock } from './indexBlock.ts';
import { indexTable } from './indexTable.ts';
import { runDetails } from './runDetails.ts';
import { runOutcome } from './runOutcome.ts';
import { runTable } from './runTable.ts';
import { type StatusView, statusView } from './statusView.ts';
import { aRun } from './testRun.ts';

const { colors } = memoryTerminal().terminal;
const NOW = Date.parse('2026-01-01T00:01:05.121Z');

describe('runOutcome', () => {
  test('a completed run says what is served now, and what was refused', () => {
    expect(runOutcome(aRun({ documents: { written: 138_396, failed: 2 } }), colors)).toEqual([
      '✔ Run 12: 138,396 documents in 5.1 s (27,025 docs/s, 16 slices), 2 refused',
      '✔ cities is served by cities_g3_k3f9',
      '  A refresh follows, for what changed in the source meanwhile.',
    ]);
  });

  test('a failed run says why, and that nothing was lost', () => {
    expect(
      runOutcome(aRun({ state: 'failed', reason: 'error-budget', error: '101 documents were refused.' }), colors),
    ).toEqual([
      '✖ Run 12 of cities failed after 5.1 s (error-budget)',
      '  101 documents were refused.',
      '  Readers see what they saw before. More: reindeer show 12',
    ]);
  });
});

test('runOutcome does not say that what was live still is where it was moved', () => {
  for (const reason of ['sink-moved', 'superseded']) {
    const moved = aRun({ state: 'failed', reason });
    expect(runOutcome(moved, colors).at(-1)).toBe('  More: reindeer show 12');
  }
});

test('runTable aligns what runs and what has ended', () => {
  const open = aRun({ run: 13, state: 'building', finishedAt: null, progress: 0.5, documents: { failed: 1_200 } });
  expect(runTable([open, aRun({ state: 'failed', reason: 'count-gate' })], NOW, colors)).toEqual([
    'run  index   lane     state         documents  refused   took  docs/s  started by  created        reason',
    ' 13  cities  rebuild  building 50%    138,398    1,200  5.1 s  27,025  manual      1 min 5 s ago',
    ' 12  cities  rebuild  failed          138,398        0  5.1 s  27,025  manual      1 min 5 s ago  count-gate',
  ]);
});

test('runDetails of a promotion tells of no documents and no speed: it reads none', () => {
  const text = runDetails(aRun({ lane: 'promote' }), [], [], [], NOW, colors).join('\n');
  expect(text).toContain('took');
  expect(text).not.toMatch(/documents|docs\/s|progress/);
});

test.each([
  ['promote', true, 'started by  manual, ops@host, by force: past every gate'],
  ['promote', false, 'started by  manual, ops@host'],
  ['refresh', true, 'started by  manual, ops@host'],
] as const)('runDetails of a %s that a person asked for, by force %s, says who and why', (lane, force, text) => {
  const asked = { by: 'ops@host', note: 'rather old than wrong', force };
  const lines = runDetails(aRun({ lane, asked }), [], [], [], NOW, colors);
  expect(lines).toContain(text);
  expect(lines).toContain('note        rather old than wrong');
});

test('runDetails lists slices, says when one is tried again, and groups what was refused', () => {
  const slice: SliceView = {
    work: 'rows',
    number: 1,
    shard: 0,
    after: null,
    upTo: ['t1', '9007199254740993'],
    state: 'queued',
    cursor: null,
    documents: aRun().documents,
    estimate: 0,
    attempts: 2,
    delivery: 3,
    owner: null,
    startedAt: null,
    progressedAt: null,
    finishedAt: null,
    error: 'The sink does not answer.',
    notBefore: new Date(NOW + 5_000).toISOString(),
  };
  const group = {
    fingerprint: 'x',
    reason: 'transform-failed',
    detail: 'no name',
    documents: 3,
    example: '42',
    runs: 1,
    firstAt: '2026-01-01T00:00:00.000Z',
    lastAt: '2026-01-01T00:00:00.000Z',
  };
  const text = runDetails(
    aRun({ state: 'failed', reason: 'error-budget' }),
    [slice],
    [group],
    cities.troubles,
    NOW,
    colors,
  ).join('\n');
  expect(text).toContain('reason      error-budget: More documents were refused than the index permits.');
  expect(text).toContain('["t1","9007199254740993"]'.slice(0, 23));
  expect(text).toContain('again in 5 s: The sink does not answer.');
  expect(text).toContain('3  transform-failed  42           no name');
  expect(text).toContain('… and 15 more slices');
});

const every = { kind: 'every', everyMs: 1, offsetMs: 0 } as const;

function tick(index: string, lane: Lane, shard: number, next: number): ScheduledTick {
  return { index, lane, shard, schedule: every, next };
}

const skipped: StatusView['decisions'][number] = {
  lane: 'rebuild',
  shard: null,
  outcome: 'skipped',
  reason: 'paused',
  run: null,
  count: 3,
  firstTickAt: '2026-01-01T00:00:00.000Z',
  lastTickAt: '2026-01-01T00:01:00.000Z',
  decidedAt: '2026-01-01T00:01:00.000Z',
};

const health: IndexHealth = {
  index: 'cities',
  shards: 8,
  indexedAt: '2026-01-01T00:00:04.121Z',
  stalestShard: 3,
  owed: { shards: 4, since: '2026-01-01T00:00:05.000Z', causes: ['promotion'] },
  verified: { shards: 8, since: '2026-01-01T00:01:00.000Z', missing: 12, extra: 0, stale: 1_041, run: 17 },
};

const cities: StatusView = {
  ...statusView(
    { ...notApplied('cities'), openRuns: [aRun({ run: 40 }), aRun({ run: 41 })] },
    {
      ticks: [
        tick('cities', 'rebuild', -1, NOW + 7_200_000),
        tick('cities', 'refresh', 0, NOW + 60_000),
        tick('cities', 'refresh', 1, NOW + 30_000),
        tick('cities', 'verify', 0, NOW - 240_000),
        tick('cities', 'verify', 1, NOW - 10_000),
        tick('other', 'rebuild', -1, NOW + 1_000),
      ],
      health: [health],
      troubles: [40, 41].map((run) => ({
        run,
        tasks: 2,
        attempts: 3,
        since: '2026-01-01T00:00:05.000Z',
        nextAt: '2026-01-01T00:01:17.121Z',
        error: 'The sink does not answer.',
      })),
      lastRuns: [
        aRun({ run: 31, lane: 'refresh', shard: 5, state: 'failed', reason: 'sink-unavailable' }),
        aRun({ run: 30, lane: 'refresh', shard: 4, state: 'failed', reason: 'sink-unavailable' }),
        aRun({ run: 29, lane: 'rebuild', state: 'completed' }),
        aRun({ run: 28, lane: 'rebuild', state: 'failed', reason: 'count-gate' }),
      ],
    },
  ),
  openRuns: [],
  live: { name: 'cities_g3', number: 3, documents: 138_398, promotedAt: null, caughtUp: false },
  freshnessSeconds: 61,
  holds: [
    {
      hold: 1,
      index: 'cities',
      lane: 'rebuild',
      run: null,
      reason: 'paused',
      actor: 'me',
      note: 'moving house',
      createdAt: '2026-01-01T00:01:00.000Z',
    },
  ],
  decisions: [
    skipped,
    ...[0, 1].map((shard) => ({
      ...skipped,
      lane: 'refresh' as const,
      shard,
      outcome: 'started' as const,
      reason: null,
      run: 30 + shard,
      count: 1,
      decidedAt: '2026-01-01T00:00:00.000Z',
    })),
  ],
  owedRefreshes: 4,
};

describe('status', () => {
  test('of one index has a line for each lane, however many shards', () => {
    const open = [0, 1, 2].map((shard) =>
      aRun({ run: 40 + shard, lane: 'refresh', shard, state: 'building', progress: 0.5, finishedAt: null }),
    );
    expect(indexBlock({ ...cities, openRuns: open }, NOW, colors)).toEqual([
      'cities',
      '',
      'live       cities_g3, built with 138,398 documents',
      'freshness  indexed 1 min 1 s ago, as shard 3, the stalest of 8',
      'open run   cities refresh comparing: 50%, 415,194 of 415,194 documents, 81,077 docs/s, slices 33/48 (3 shards, runs 40 to 42, manual)',
      'trouble    2 runs, 40 to 41: failed 3 times without progress, first 1 min ago, tried again in 12 s: The sink does not answer.',
      'hold       paused (cities rebuild) by me 5 s ago: moving house; go on: reindeer resume cities rebuild',
      'failed     last refresh of 2 shards failed (sink-unavailable) 1 min ago: reindeer show 31',
      'owed       a refresh of 4 shards, since 1 min ago (promotion)',
      'verified   12 missing, 1,041 stale (5 s ago): reindeer show 17',
      'next tick  verify of 2 shards 4 min late',
      '           refresh 1 in 30 s',
      '           rebuild in 2 h',
      'last tick  rebuild skipped: paused: A hold is set by a person. ×3 (5 s ago)',
      '           refresh of 2 shards started runs, last 31 (1 min 5 s ago)',
      'last run   31 refresh 5 failed (sink-unavailable) 1 min ago, 138,398 written, 0 deleted in 5.1 s',
      '           29 rebuild completed 1 min ago, 138,398 documents in 5.1 s',
      'note       changes are not followed: what changes in the source is in the index after the next refresh or rebuild',
    ]);
  });

  test('says that what is live is of another definition, and what applies it', () => {
    const changed = { ...cities, definitionChange: { needs: 'rebuild', because: ['sink.mappings'] } } as const;
    const text = 'changed: sink.mappings; only a rebuild applies it: `reindeer run cities`';
    expect(indexBlock(changed, NOW, colors)).toContain(`definition  ${text}`);
    expect(indexTable([changed], NOW, colors)).toContain(`cities: the definition ${text}`);
  });

  test('of one index never wraps inside a word', () => {
    for (const line of indexBlock(cities, NOW, colors, 60)) expect(visibleWidth(line)).toBeLessThanOrEqual(60);
  });

  test('of all has a line each, and names a hold once however many indexes it is on', () => {
    const everything = { ...cities.holds[0], hold: 2, index: null, lane: null } as StatusView['holds'][number];
    const refreshes = [0, 1].map((shard) => aRun({ run: null, lane: 'refresh', shard, state: 'verifying' }));
    const lines = indexTable(
      [
        { ...cities, holds: [everything], openRuns: refreshes },
        {
          ...cities,
          index: 'towns',
          holds: [everything],
          live: null,
          freshnessSeconds: null,
          schedules: null,
          health: null,
          lastByLane: [],
          troubles: [],
        },
      ],
      NOW,
      colors,
    );
    expect(lines).toEqual([
      'index   live         built with        indexed  open run              next tick                      last tick',
      'cities  cities_g3       138,398  1 min 1 s ago  refresh ×2 verifying  verify of 2 shards 4 min late  paused ×3',
      'towns   nothing yet           -              -  -                     unknown                        paused ×3',
      '',
      'hold  paused (every index) by me 5 s ago: moving house; go on: reindeer resume --all',
      'cities: 2 runs, 40 to 41: failed 3 times without progress, first 1 min ago, tried again in 12 s: The sink does not answer.',
      'cities: last refresh of 2 shards failed (sink-unavailable) 1 min ago: reindeer show 31',
      'cities: verify of 2 shards 4 min late',
      'cities: verify found 12 missing, 1,041 stale (5 s ago): reindeer show 17',
      'cities: a refresh is owed for 4 shards, since 1 min ago (promotion)',
      'cities: changes are not followed: what changes in the source is in the index after the next refresh or rebuild',
    ]);
  });
});
