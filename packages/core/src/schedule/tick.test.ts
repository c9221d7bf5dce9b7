import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IndexDefinition, RebuildDefinition } from '../definition.ts';
import { failedRunBackoffMs } from './backoff.ts';
import { nextTick } from './nextTick.ts';
import { staggerMs } from './stagger.ts';
import { decideTick, type TickQuestion, type TickState } from './tick.ts';

const NOW = Date.UTC(2026, 0, 15, 12);
const HOUR = 3_600_000;
const REPLACED = {
  sourceReplaced: 'another',
  holds: [{ reason: 'source-replaced', index: null, lane: null, note: 'another' }],
};

function question(
  rebuild: Partial<RebuildDefinition>,
  state: Partial<TickState>,
  rest: Partial<TickQuestion> = {},
): TickQuestion {
  const index = {
    name: 'cities',
    incremental: null,
    refresh: { schedule: null },
    rebuild: {
      schedule: { kind: 'every', everyMs: HOUR },
      freshForMs: null,
      sliceTargetMs: 60_000,
      slices: null,
      ...rebuild,
    },
  } as IndexDefinition;
  const quiet: TickState = {
    now: NOW,
    openRun: null,
    holds: [],
    sourceReplaced: null,
    live: { shards: 1, current: true },
    lastIndexedAt: NOW - 10 * HOUR,
    consecutiveFailures: 0,
    lastFailedAt: null,
  };
  return {
    index,
    lane: 'rebuild',
    shard: -1,
    state: { ...quiet, ...state },
    trigger: 'schedule',
    slotMs: NOW - 1_000,
    ...rest,
  };
}

/** A tick of one shard's refresh, which fires every 30 s. */
function refresh(shard: number, state: Partial<TickState>, rest: Partial<TickQuestion> = {}): TickQuestion {
  const asked = question({ freshForMs: HOUR }, state, rest);
  const index = { ...asked.index, refresh: { schedule: { kind: 'every' as const, everyMs: 30_000 } } };
  return { ...asked, index, lane: rest.lane ?? 'refresh', shard };
}

describe('decideTick', () => {
  it.each([
    [
      'a hold on a lane',
      { holds: [{ reason: 'paused', index: 'cities', lane: 'rebuild', note: 'move' }] },
      'On hold: paused (move). Released by `reindeer resume cities rebuild`.',
    ],
    [
      'a hold on everything',
      { holds: [{ reason: 'paused', index: null, lane: null, note: null }] },
      'On hold: paused. Released by `reindeer resume --all`.',
    ],
    [
      'an open run',
      { openRun: { run: 7 } },
      'Run 7 is still open. `reindeer show 7` says what it is at, `reindeer cancel 7` ends it.',
    ],
  ])('names what releases %s', (_, state, detail) => {
    expect(decideTick(question({}, state, { trigger: 'manual' }))).toMatchObject({ kind: 'skip', detail });
  });

  it.each<[string, TickQuestion, string]>([
    ['a quiet schedule', question({}, {}), 'start'],
    ['an open run', question({}, { openRun: { run: 7 } }), 'overlap'],
    ['an open run, asked by hand', question({}, { openRun: { run: 7 } }, { trigger: 'manual' }), 'overlap'],
    ['a hold', question({}, { holds: [{ reason: 'paused', index: null, lane: null, note: null }] }), 'paused'],
    [
      'a hold, asked by hand',
      question({}, { holds: [{ reason: 'paused', index: null, lane: null, note: null }] }, { trigger: 'manual' }),
      'paused',
    ],
    ['a tick older than its period', question({}, {}, { slotMs: NOW - HOUR - 1 }), 'stale-tick'],
    ['a tick just within its period', question({}, {}, { slotMs: NOW - HOUR }), 'start'],
    ['a tick that a person fired', question({}, {}, { slotMs: null }), 'start'],
    [
      'a cron tick whose successor is weeks away',
      question(
        { schedule: { kind: 'cron', cron: '0 3 1,2 * *', timezone: 'UTC' } },
        {},
        { slotMs: Date.UTC(2026, 0, 2, 3) },
      ),
      'start',
    ],
    [
      'a cron tick whose successor has fired',
      question(
        { schedule: { kind: 'cron', cron: '0 3 1,2 * *', timezone: 'UTC' } },
        {},
        { slotMs: Date.UTC(2026, 0, 1, 3) },
      ),
      'stale-tick',
    ],
    ['a guard that holds', question({}, { holds: [{ reason: 'disk', index: null, lane: null, note: null }] }), 'held'],
    [
      'a queue paused in Bull Board',
      question({}, { holds: [{ reason: 'queue-paused', index: null, lane: null, note: 'ops' }] }),
      'paused',
    ],
    [
      'a paused run is open, and its hold says more',
      question({}, { openRun: { run: 7 }, holds: [{ reason: 'paused', index: null, lane: null, note: null }] }),
      'paused',
    ],
    ['one failure a moment ago', question({}, { consecutiveFailures: 1, lastFailedAt: NOW - 30_000 }), 'backing-off'],
    ['one failure a while ago', question({}, { consecutiveFailures: 1, lastFailedAt: NOW - 61_000 }), 'start'],
    ['many failures', question({}, { consecutiveFailures: 20, lastFailedAt: NOW - HOUR + 1 }), 'backing-off'],
    [
      'many failures, by hand',
      question({}, { consecutiveFailures: 20, lastFailedAt: NOW }, { trigger: 'manual' }),
      'start',
    ],
    ['a refresh of a shard that is there', refresh(2, { live: { shards: 3, current: true } }), 'start'],
    ['a refresh of a shard that is not there', refresh(3, { live: { shards: 3, current: true } }), 'no-shard'],
    ['a refresh of nothing', refresh(0, { live: null }), 'no-generation'],
    ['a refresh under another definition', refresh(0, { live: { shards: 1, current: false } }), 'definition-mismatch'],
    ['a refresh is never fresh', refresh(0, { lastIndexedAt: NOW - 1 }), 'start'],
    ['an owed refresh behind an open run', refresh(0, { openRun: { run: 7 } }, { trigger: 'owed' }), 'overlap'],
    [
      'an owed refresh that just failed',
      refresh(0, { consecutiveFailures: 1, lastFailedAt: NOW - 1 }, { trigger: 'owed', slotMs: null }),
      'backing-off',
    ],
    ['a refresh from another database', refresh(0, REPLACED), 'source-replaced'],
    ['the same, by hand', refresh(0, REPLACED, { trigger: 'manual' }), 'source-replaced'],
    ['a refresh that alone was released', refresh(0, { sourceReplaced: 'another' }), 'start'],
    ['a rebuild from another database', question({}, { sourceReplaced: 'another' }), 'source-replaced'],
    ['the same, at start', question({}, { sourceReplaced: 'another' }, { trigger: 'start' }), 'source-replaced'],
    [
      'a rebuild that a person wants from it',
      question({}, { sourceReplaced: 'another' }, { trigger: 'manual' }),
      'start',
    ],
    ['a refresh tick older than its own period', refresh(0, {}, { slotMs: NOW - 30_001 }), 'stale-tick'],
    ['a feed of an index without one', refresh(0, {}, { lane: 'incremental' }), 'not-in-configuration'],
    ['fresh', question({ freshForMs: HOUR }, { lastIndexedAt: NOW - 1 }), 'fresh'],
    ['fresh, by hand', question({ freshForMs: HOUR }, { lastIndexedAt: NOW - 1 }, { trigger: 'manual' }), 'start'],
    ['fresh, but nothing is live', question({ freshForMs: HOUR }, { lastIndexedAt: NOW - 1, live: null }), 'start'],
    ['no longer fresh', question({ freshForMs: HOUR }, { lastIndexedAt: NOW - HOUR }), 'start'],
    ['at start: live', question({}, {}, { trigger: 'start', slotMs: null }), 'fresh'],
    [
      'at start: live, indexed nobody knows when',
      question({}, { lastIndexedAt: null }, { trigger: 'start', slotMs: null }),
      'fresh',
    ],
    [
      'at start: the same, but it should be fresh',
      question({ freshForMs: HOUR }, { lastIndexedAt: null }, { trigger: 'start', slotMs: null }),
      'start',
    ],
    ['at start: nothing live', question({}, { live: null }, { trigger: 'start', slotMs: null }), 'start'],
    ['at start: live and stale', question({ freshForMs: HOUR }, {}, { trigger: 'start', slotMs: null }), 'start'],
    [
      'at start: nothing live, just failed',
      question({}, { live: null, consecutiveFailures: 1, lastFailedAt: NOW }, { trigger: 'start', slotMs: null }),
      'backing-off',
    ],
  ])('%s', (_, asked, expected) => {
    const answer = decideTick(asked);
    expect(answer.kind === 'start' ? 'start' : answer.reason).toBe(expected);
    if (answer.kind === 'skip') expect(answer.detail).toMatch(/\.$/);
  });

  describe('a changed definition', () => {
    const because = ['transform'];
    const live = (needs: 'refresh' | 'rebuild', wentBack = false) => ({
      live: { shards: 1, current: false, change: { needs, because }, wentBack },
      lastIndexedAt: NOW - 1_000,
    });
    const refresh = { lane: 'refresh', shard: 0, slotMs: null } as const;
    const start = { trigger: 'start', slotMs: null } as const;
    const fresh = { freshForMs: HOUR };
    it.each<[string, TickQuestion, string]>([
      [
        'is applied in place by a person’s refresh',
        question({}, live('refresh'), { ...refresh, trigger: 'manual' }),
        'start',
      ],
      [
        'is not where it needs a rebuild',
        question({}, live('rebuild'), { ...refresh, trigger: 'manual' }),
        'definition-mismatch',
      ],
      ['is not applied by a schedule', question({}, live('refresh'), refresh), 'definition-mismatch'],
      [
        'does not keep an owed refresh from running',
        question({}, live('rebuild'), { ...refresh, trigger: 'owed' }),
        'start',
      ],
      ['leads to no rebuild by itself', question(fresh, live('rebuild'), start), 'fresh'],
      [
        'leads to one where that is wanted',
        question({ ...fresh, onDefinitionChange: 'rebuild' }, live('rebuild'), start),
        'start',
      ],
      [
        'does not after a rollback',
        question({ ...fresh, onDefinitionChange: 'rebuild' }, live('rebuild', true), start),
        'fresh',
      ],
      ['makes what is live not fresh for a scheduled rebuild', question(fresh, live('refresh')), 'start'],
    ])('%s', (_, asked, expected) => {
      const answer = decideTick(asked);
      expect(answer.kind === 'start' ? 'start' : answer.reason).toBe(expected);
      if (answer.kind === 'skip' && answer.reason === 'definition-mismatch')
        expect(answer.detail).toContain('transform changed');
    });
  });

  it('never starts beside an open run, nor under a hold', () => {
    fc.assert(
      fc.property(
        fc.record({
          openRun: fc.option(fc.record({ run: fc.nat() })),
          holds: fc.array(fc.constant({ reason: 'paused', index: null, lane: null, note: null }), { maxLength: 2 }),
          live: fc.option(fc.record({ shards: fc.integer({ min: 1, max: 9 }), current: fc.boolean() })),
          lastIndexedAt: fc.option(fc.integer({ min: 0, max: NOW })),
          consecutiveFailures: fc.nat(30),
          lastFailedAt: fc.option(fc.integer({ min: 0, max: NOW })),
        }),
        fc.constantFrom('schedule', 'start', 'manual'),
        (state, trigger) => {
          const answer = decideTick(question({ freshForMs: HOUR }, state, { trigger, slotMs: null }));
          if (answer.kind === 'start') expect([state.openRun, state.holds.length]).toEqual([null, 0]);
        },
      ),
    );
  });
});

describe('schedules', () => {
  it('backs off 1 m, 2 m … 1 h', () => {
    expect([0, 1, 2, 3, 7, 50].map(failedRunBackoffMs)).toEqual([0, 60_000, 120_000, 240_000, 3_600_000, 3_600_000]);
  });

  it('follows daylight saving in the time zone', () => {
    const cron = { kind: 'cron', cron: '0 3 * * *', timezone: 'Europe/Berlin' } as const;
    expect(new Date(nextTick(cron, Date.UTC(2026, 0, 1))).toISOString()).toBe('2026-01-01T02:00:00.000Z');
    expect(new Date(nextTick(cron, Date.UTC(2026, 6, 1))).toISOString()).toBe('2026-07-01T01:00:00.000Z');
  });

  it('finds the next aligned slot of an interval', () => {
    const every = { kind: 'every', everyMs: 10_000 } as const;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: NOW }), fc.integer({ min: 0, max: 9_999 }), (now, offset) => {
        const next = nextTick(every, now, offset);
        expect(next - now).toBeGreaterThan(0);
        expect(next - now).toBeLessThanOrEqual(10_000);
        expect((next - offset) % 10_000).toBe(0);
      }),
    );
  });

  it('fires once in the hour that summer time leaves out, and once in the hour that it repeats', () => {
    const cron = { kind: 'cron', cron: '30 2 * * *', timezone: 'Europe/Berlin' } as const;
    const ticks = (from: number) => {
      const first = nextTick(cron, from);
      return [first, nextTick(cron, first)].map((ms) => new Date(ms).toISOString());
    };
    expect(ticks(Date.UTC(2026, 2, 28, 12))).toEqual(['2026-03-29T01:30:00.000Z', '2026-03-30T00:30:00.000Z']);
    expect(ticks(Date.UTC(2026, 9, 24, 12))).toEqual(['2026-10-25T00:30:00.000Z', '2026-10-26T01:30:00.000Z']);
  });

  it('spreads shards evenly over the period, the same every time', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 1_000, max: 86_400_000 }),
        (index, shards, periodMs) => {
          const offsets = Array.from({ length: shards }, (_, shard) =>
            staggerMs({ index, lane: 'refresh', shard, shards, periodMs }),
          );
          for (const offset of offsets) expect(offset >= 0 && offset < periodMs).toBe(true);
          const sorted = [...offsets].sort((a, b) => a - b);
          for (let at = 1; at < shards; at += 1) {
            expect(
              Math.abs((sorted[at] as number) - (sorted[at - 1] as number) - periodMs / shards),
            ).toBeLessThanOrEqual(2);
          }
        },
      ),
    );
  });
});
