import type { GenerationView } from '@reindeer/ledger';
import { notApplied } from '@reindeer/ledger';
import { describe, expect, test } from 'vitest';
import type { StatusView } from '../views/statusView.ts';
import { aRun } from '../views/testRun.ts';
import { indexFindings } from './indexFindings.ts';
import { ago, brief, HOUR, NOW } from './testFindings.ts';

describe('an index', () => {
  const view: StatusView = {
    ...notApplied('cities'),
    live: { name: 'cities_g1', number: 1, documents: 20, promotedAt: ago(HOUR), caughtUp: true },
    schedules: [],
    health: null,
    lastByLane: [],
    troubles: [],
  };

  test('has nothing wrong', () => {
    expect(indexFindings(view, NOW)).toEqual([]);
  });

  test('has nothing live: worth a note while it is built', () => {
    const none = { ...view, live: null };
    expect(brief(indexFindings(none, NOW))).toEqual(['critical | no-generation | reindeer run cities']);
    const built = { ...none, openRuns: [aRun({ state: 'building', finishedAt: null })] };
    expect(brief(indexFindings(built, NOW))).toEqual(['note | no-generation | ']);
  });

  test('has lanes that failed, runs that do not get on, holds and differences', () => {
    const hold = { hold: 1, index: 'cities', run: null, actor: 'ops@host', createdAt: ago(HOUR) } as const;
    const lanes = ['incremental', 'refresh', 'verify'] as const;
    const findings = indexFindings(
      {
        ...view,
        lastByLane: [aRun({ state: 'failed', reason: 'error-budget', error: '101 documents were refused.' })],
        troubles: [{ run: 14, tasks: 1, attempts: 3, since: ago(60_000), nextAt: null, error: 'The sink is away.' }],
        holds: [
          { ...hold, lane: null, reason: 'paused', note: 'the shop moves' },
          ...lanes.map((lane) => ({ ...hold, lane, reason: 'source-replaced', note: null })),
          { ...hold, lane: 'refresh', reason: 'paused', note: null },
        ],
        health: {
          index: 'cities',
          shards: 2,
          indexedAt: null,
          stalestShard: null,
          owed: { shards: 2, since: ago(2 * HOUR), causes: ['promotion'] },
          verified: { shards: 2, since: ago(HOUR), missing: 3, extra: 0, stale: 0, run: 9 },
        },
      },
      NOW,
    );
    expect(brief(findings)).toEqual([
      'warning | error-budget | reindeer show 12',
      'warning | no-progress | reindeer show 14',
      'warning | paused | reindeer resume cities',
      'warning | source-replaced | reindeer run cities',
      'warning | paused | reindeer resume cities refresh',
      'warning | refresh-owed | reindeer run cities refresh',
      'warning | differences | reindeer verify cities --repair',
    ]);
    expect(findings[2]?.message).toBe('Everything is held by ops@host: the shop moves');
    expect(findings[3]?.message).toBe('incremental, refresh, verify are held by ops@host.');
  });

  test('is held with every other: the way out is for all of them', () => {
    const hold = { hold: 1, index: null, run: null, actor: 'ops@host', note: null, reason: 'paused' } as const;
    const holds = [
      { ...hold, lane: null, createdAt: ago(HOUR) },
      { ...hold, hold: 2, index: 'cities', lane: null, createdAt: ago(HOUR) },
    ];
    const findings = indexFindings({ ...view, holds }, NOW);
    expect(brief(findings)).toEqual([
      'warning | paused | reindeer resume --all',
      'warning | paused | reindeer resume cities',
    ]);
    expect(findings[0]?.message).toBe('Of every index: Everything is held by ops@host.');
    const lane = { ...view, holds: [{ ...hold, lane: 'refresh' as const, createdAt: ago(HOUR) }] };
    expect(brief(indexFindings(lane, NOW))).toEqual(['warning | paused | reindeer resume --all refresh']);
  });

  test('has a feed that stands, and says of what', () => {
    const feed = {
      run: 7,
      state: 'stands',
      reason: 'not-caught-up',
      detail: 'It has not finished a pass for 3 min: No triggers.',
      requestedKeys: 0,
    } as const;
    const [finding] = indexFindings({ ...view, feed }, NOW);
    expect(brief(finding === undefined ? [] : [finding])).toEqual(['critical | not-caught-up | reindeer show 7']);
    expect(finding?.message).toContain('for 3 min: No triggers.');
    const ended = { ...feed, run: null };
    expect(brief(indexFindings({ ...view, feed: ended }, NOW))).toEqual([
      'critical | not-caught-up | reindeer status cities',
    ]);
    // What is told by a finding of its own.
    const hold = { hold: 1, index: 'cities', run: null, lane: 'incremental', actor: 'me', note: null } as const;
    const held = { ...view, feed, holds: [{ ...hold, reason: 'paused', createdAt: ago(HOUR) }] };
    expect(brief(indexFindings(held, NOW))).toEqual(['warning | paused | reindeer resume cities incremental']);
    expect(indexFindings({ ...view, feed: { ...feed, reason: 'generation-stale' } }, NOW)).toEqual([]);
    expect(indexFindings({ ...view, feed: { ...feed, state: 'begins' } }, NOW)).toEqual([]);
  });

  test('has documents that were refused lately', () => {
    const refusedLately = { documents: 2, run: 7, lastAt: ago(HOUR) };
    const findings = indexFindings({ ...view, refusedLately }, NOW);
    expect(brief(findings)).toEqual(['warning | document-refused | reindeer show 7']);
    expect(findings[0]?.message).toContain('2 documents of what is live could not be written');
  });

  test('is live by another definition: the command, unless a rebuild is under way or it is told already', () => {
    const changed = { ...view, definitionChange: { needs: 'refresh', because: ['transform'] } } as const;
    const [finding, ...more] = indexFindings(changed, NOW);
    expect(brief(finding === undefined ? more : [finding, ...more])).toEqual([
      'warning | definition-mismatch | reindeer run cities refresh',
    ]);
    expect(finding?.message).toContain('(transform changed). A refresh applies it in place');
    const rebuilds = { ...view, definitionChange: { needs: 'rebuild', because: ['sink.mappings'] } } as const;
    expect(brief(indexFindings(rebuilds, NOW))).toEqual(['warning | definition-mismatch | reindeer run cities']);
    const built = { ...rebuilds, openRuns: [aRun({ state: 'building', finishedAt: null })] };
    expect(brief(indexFindings(built, NOW))).toEqual(['note | definition-mismatch | ']);
    const generations = [{ name: 'cities_g1', state: 'live', staleReason: 'definition-mismatch' } as GenerationView];
    expect(indexFindings({ ...rebuilds, generations }, NOW)).toEqual([]);
  });

  test('owes a refresh since a moment ago: nothing to do', () => {
    const owed = { shards: 1, since: ago(5_000), causes: ['promotion'] };
    const health = { index: 'cities', shards: 1, indexedAt: null, stalestShard: null, owed, verified: null };
    expect(brief(indexFindings({ ...view, health }, NOW))).toEqual(['note | refresh-owed | ']);
    const generations = [{ name: 'cities_g1', state: 'live', staleReason: 'definition-mismatch' } as GenerationView];
    expect(indexFindings({ ...view, health, generations }, NOW)).toEqual([]);
  });
});
