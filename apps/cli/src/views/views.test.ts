import type { SliceView } from '@reindeer/ledger';
import { notApplied } from '@reindeer/ledger';
import { describe, expect, test } from 'vitest';
import { memoryTerminal } from '../terminal/memoryTerminal.ts';
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
    ]);
  });

  test('a failed run says why, and that nothing was lost', () => {
    expect(
      runOutcome(aRun({ state: 'failed', reason: 'error-budget', error: '101 documents were refused.' }), colors),
    ).toEqual([
      '✖ Run 12 of cities failed after 5.1 s (error-budget)',
      '  101 documents were refused.',
      '  What was live before still is. More: reindeer show 12',
    ]);
  });
});

test('runTable aligns what runs and what has ended', () => {
  const open = aRun({ run: 13, state: 'building', finishedAt: null, progress: 0.5, documents: { failed: 1_200 } });
  expect(runTable([open, aRun({ state: 'failed', reason: 'count-gate' })], NOW, colors)).toEqual([
    'run  index   lane     state         documents  refused   took  docs/s  started by  created        reason',
    ' 13  cities  rebuild  building 50%    138,398    1,200  5.1 s  27,025  manual      1 min 5 s ago',
    ' 12  cities  rebuild  failed          138,398        0  5.1 s  27,025  manual      1 min 5 s ago  count-gate',
  ]);
});

test('runDetails lists slices, says when one is tried again, and groups what was refused', () => {
  const slice: SliceView = {
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
  const text = runDetails(aRun({ state: 'failed', reason: 'error-budget' }), [slice], [group], NOW, colors).join('\n');
  expect(text).toContain('reason      error-budget: More documents were refused than the index permits.');
  expect(text).toContain('["t1","9007199254740993"]'.slice(0, 23));
  expect(text).toContain('again in 5 s: The sink does not answer.');
  expect(text).toContain('3  transform-failed  42           no name');
  expect(text).toContain('… and 15 more slices');
});

const cities: StatusView = {
  ...statusView(notApplied('cities'), [
    {
      index: 'cities',
      lane: 'rebuild',
      shard: -1,
      schedule: { kind: 'every', everyMs: 1, offsetMs: 0 },
      next: NOW + 7_200_000,
    },
    {
      index: 'other',
      lane: 'rebuild',
      shard: -1,
      schedule: { kind: 'every', everyMs: 1, offsetMs: 0 },
      next: NOW + 1_000,
    },
  ]),
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
    {
      lane: 'rebuild',
      shard: null,
      outcome: 'skipped',
      reason: 'paused',
      run: null,
      count: 3,
      firstTickAt: '2026-01-01T00:00:00.000Z',
      lastTickAt: '2026-01-01T00:01:00.000Z',
      decidedAt: '2026-01-01T00:01:00.000Z',
    },
  ],
  owedRefreshes: 4,
};

describe('status', () => {
  test('of one index says what is live, what holds it, what comes next and what the last tick led to', () => {
    expect(indexBlock(cities, NOW, colors)).toEqual([
      'cities',
      '',
      'live       cities_g3, 138,398 documents',
      'freshness  indexed 1 min 1 s ago',
      'hold       paused (cities rebuild) by me 5 s ago: moving house',
      'next tick  rebuild in 2 h',
      'last tick  rebuild skipped: paused: A hold is set by a person. ×3 (5 s ago)',
      'note       changes are not followed: what changes in the source is in the index after the next refresh or rebuild (a refresh is owed for 4 shards)',
    ]);
  });

  test('of all has a line each, and names a hold once however many indexes it is on', () => {
    const everything = { ...cities.holds[0], hold: 2, index: null, lane: null } as StatusView['holds'][number];
    const lines = indexTable(
      [
        { ...cities, holds: [everything] },
        { ...cities, index: 'towns', holds: [everything], live: null, freshnessSeconds: null, schedules: null },
      ],
      NOW,
      colors,
    );
    expect(lines.slice(0, 3)).toEqual([
      'index   live         documents        indexed  open run  next tick       last tick',
      'cities  cities_g3      138,398  1 min 1 s ago  -         rebuild in 2 h  paused ×3',
      'towns   nothing yet          -              -  -         unknown         paused ×3',
    ]);
    expect(lines.filter((line) => line.startsWith('hold'))).toEqual([
      'hold  paused (every index) by me 5 s ago: moving house',
    ]);
    expect(lines.at(-1)).toBe('The queue does not answer, so the next ticks are not known.');
  });
});
