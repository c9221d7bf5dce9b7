import type { OpenTransaction } from '@reindeer/connectors';
import type { IndexDefinition } from '@reindeer/core';
import type { ConsumerView, GenerationStanding, GenerationView, LedgerClock } from '@reindeer/ledger';
import { notApplied } from '@reindeer/ledger';
import { describe, expect, test } from 'vitest';
import { memoryTerminal } from '../terminal/memoryTerminal.ts';
import type { StatusView } from '../views/statusView.ts';
import { aRun } from '../views/testRun.ts';
import { deploymentFindings } from './deploymentFindings.ts';
import { type Diagnosis, needsSomebody, worstFirst } from './diagnosis.ts';
import { findingLines } from './findingLines.ts';
import { type FollowingFacts, followingFindings } from './followingFindings.ts';
import { indexFindings } from './indexFindings.ts';
import { logFindings } from './logFindings.ts';
import { sinkFindings } from './sinkFindings.ts';
import { transactionFindings } from './transactionFindings.ts';

const NOW = Date.parse('2026-01-01T03:00:00.000Z');
const ago = (ms: number) => new Date(NOW - ms).toISOString();
const HOUR = 3_600_000;
const brief = (findings: readonly Diagnosis[]) =>
  findings.map(({ severity, code, remedy }) => [severity, code, remedy].join(' | '));

describe('the deployment', () => {
  const clock: LedgerClock = {
    nowMs: NOW,
    ticketBoundMs: NOW + 10_000,
    schedulerUntil: ago(60_000),
    workerUntil: null,
  };
  const facts = {
    liveness: { workers: 2, scheduler: true, ticksPaused: false, queue: true, older: false },
    limits: [],
    clock,
    pending: [],
  };

  test('has nothing wrong when all are alive', () => {
    expect(deploymentFindings(facts)).toEqual([]);
  });

  test('lacks processes, since when they were last seen', () => {
    const findings = deploymentFindings({ ...facts, liveness: { ...facts.liveness, workers: 0, scheduler: false } });
    expect(brief(findings)).toEqual([
      'critical | no-scheduler | reindeer scheduler',
      'critical | no-worker | reindeer worker',
    ]);
    expect(findings.map(({ since }) => since)).toEqual([ago(60_000), null]);
  });

  test('has versions ahead of its clock, migrations to come, and limits that somebody set', () => {
    const limit = { queue: 'cities.bulk', index: 'cities', concurrency: 1, rate: null, waitMs: 0 };
    const findings = deploymentFindings({
      ...facts,
      clock: { ...clock, ticketBoundMs: NOW + HOUR },
      pending: ['0004-more'],
      limits: [limit],
    });
    expect(findings.map(({ code }) => code)).toEqual(['queue-limited', 'ledger-not-migrated', 'tickets-ahead']);
    expect(findings[2]?.message).toContain('Versions are 1 h ahead of the clock');
  });
});

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

describe('following changes', () => {
  const identity = { system: '7/1', timeline: 1 };
  const consumer: ConsumerView = {
    index: 'cities',
    generation: 'cities_g2',
    state: 'live',
    log: 'source',
    identity,
    joinedAt: ago(HOUR),
    passedAt: ago(1_000),
    passedAgoMs: 1_000,
    invalidAt: null,
    trouble: null,
    troubledSince: null,
  };
  const live: GenerationStanding = {
    index: 'cities',
    name: 'cities_g2',
    state: 'live',
    startedFrom: identity,
    staleReason: null,
  };
  const definition = {
    name: 'cities',
    source: {
      connection: 'shop',
      changes: 'log',
      log: { schema: 'reindeer_log', maxRows: 1_000, maxBytes: 1_000_000, maxAgeMs: HOUR },
    },
    rebuild: { maxLagMs: 10_000 },
  } as IndexDefinition;
  const facts: FollowingFacts = {
    definition,
    consumers: [consumer],
    generations: [live],
    identity,
    size: { rows: 10, bytes: 10_000 },
  };
  const found = (change: Partial<FollowingFacts>) => brief(followingFindings({ ...facts, ...change }));

  test('is all well', () => {
    expect(found({})).toEqual([]);
    expect(found({ identity: null, size: null })).toEqual([]);
  });

  test('meets another database, or another timeline of the same', () => {
    expect(found({ identity: { system: '8/1', timeline: 1 } })).toEqual([
      'critical | source-replaced | reindeer run cities',
    ]);
    expect(found({ identity: { system: '7/1', timeline: 2 } })).toEqual([
      'warning | source-timeline | reindeer run cities refresh',
    ]);
    const ahead = { ...consumer, identity: { system: '7/1', timeline: 3 } };
    expect(found({ identity: { system: '7/1', timeline: 2 }, consumers: [ahead] })).toEqual([
      'critical | source-timeline | ',
    ]);
    expect(found({ identity: { system: '7/1', timeline: 0 } })).toEqual([]);
    // Without a consumer, what the generation was built from counts.
    expect(found({ identity: { system: '8/1', timeline: 1 }, consumers: [] })).toEqual([
      'critical | source-replaced | reindeer run cities',
      'warning | not-followed | reindeer run cities',
    ]);
  });

  test('goes on without what the sink fails at', () => {
    const troubled = { ...consumer, trouble: 'The index is closed.', troubledSince: ago(HOUR) };
    expect(found({ consumers: [troubled] })).toEqual(['critical | generation-troubled | reindeer run cities']);
    const soaking = { ...troubled, generation: 'cities_g1', state: 'retained' } as const;
    expect(found({ consumers: [soaking, consumer] })).toEqual(['warning | generation-troubled | ']);
    expect(followingFindings({ ...facts, consumers: [soaking] })[0]?.message).toBe(
      'The sink takes nothing into cities_g1. The feed goes on for the others, and this one falls behind: The index is closed.',
    );
  });

  test('has been given up', () => {
    expect(found({ consumers: [{ ...consumer, invalidAt: ago(HOUR) }] })).toEqual([
      'warning | changes-pruned | reindeer run cities refresh',
    ]);
    const retained = { ...live, name: 'cities_g1', state: 'retained' } as const;
    expect(found({ generations: [{ ...retained, staleReason: 'document-refused' }, live] })).toEqual([
      'note | generation-stale | ',
    ]);
    expect(found({ generations: [{ ...retained, staleReason: 'soaked' }, live] })).toEqual([]);
    expect(found({ generations: [{ ...live, staleReason: 'generation-gone' }] })).toEqual([
      'critical | generation-stale | reindeer run cities',
    ]);
    // The feed leaves it out for that, and not because it is older than the feed.
    expect(found({ consumers: [], generations: [{ ...live, staleReason: 'definition-mismatch' }] })).toEqual([
      'critical | generation-stale | reindeer run cities',
    ]);
  });

  test.each([
    [{ rows: 799, bytes: 0 }, []],
    [{ rows: 800, bytes: 0 }, ['warning']],
    [{ rows: 1_001, bytes: 0 }, ['critical']],
    [{ rows: 0, bytes: 900_000 }, ['warning']],
    [{ rows: 900, bytes: 1_000_001 }, ['critical']],
  ])('comes near a bound, or over it: %j', (size, severities) => {
    const findings = followingFindings({ ...facts, size });
    expect(findings.map(({ severity }) => severity)).toEqual(severities);
    for (const { code, message } of findings) {
      expect(code).toBe('log-bound');
      expect(message).toContain('cities_g2 is furthest behind');
    }
  });
});

test('findings of a log are one for each table, and a log that is not there is one', () => {
  const finding = (
    kind: 'trigger-missing' | 'table-missing' | 'log-missing' | 'grant-missing',
    name: string | null,
  ) => ({
    kind,
    table: name === null ? null : { schema: 'public', name },
    message: `${kind}.`,
    remedy: kind === 'grant-missing' ? ['grant a;', 'grant b;'] : ['create trigger …;'],
  });
  expect(
    brief(
      logFindings('cities', 'shop', [
        finding('trigger-missing', 'city'),
        finding('trigger-missing', 'city'),
        finding('trigger-missing', 'country'),
        finding('grant-missing', null),
      ]),
    ),
  ).toEqual([
    'critical | trigger-missing | reindeer migrate --source --connection shop',
    'critical | trigger-missing | reindeer migrate --source --connection shop',
    'critical | grant-missing | grant a;\ngrant b;',
  ]);
  expect(
    brief(logFindings('cities', 'shop', [finding('log-missing', null), finding('table-missing', 'city')])),
  ).toEqual(['critical | log-missing | reindeer migrate --source --connection shop']);
});

describe('open transactions', () => {
  const session: OpenTransaction = {
    kind: 'session',
    holds: 'watermark',
    pid: 4711,
    name: null,
    database: 'shop',
    user: 'app',
    application: 'billing',
    state: 'idle in transaction',
    ageMs: 720_000,
    behind: 12_345,
    grant: null,
  };
  const found = (...open: readonly OpenTransaction[]) => transactionFindings('shop', open, 10_000, NOW);

  test('that are long are a warning with who, where and since when', () => {
    expect(found(session)).toEqual([
      {
        severity: 'warning',
        index: null,
        code: 'transaction-open',
        message:
          'A transaction, open for 12 min: pid 4711, database shop, user app, application "billing", idle in transaction on connection shop. What it wrote is indexed when it ends; dead rows of the log stay until then.',
        since: ago(720_000),
        remedy: 'select pg_terminate_backend(4711);',
      },
    ]);
  });

  test('that are short are no finding; between the two, a note', () => {
    expect(brief(found({ ...session, ageMs: 9_999 }))).toEqual([]);
    expect(brief(found({ ...session, ageMs: 10_000 }))).toEqual([
      'note | transaction-open | select pg_terminate_backend(4711);',
    ]);
    expect(brief(found({ ...session, holds: 'vacuum' }))).toEqual([]);
    expect(brief(found({ ...session, holds: 'vacuum', ageMs: HOUR }))).toEqual([
      'warning | vacuum-held | select pg_terminate_backend(4711);',
    ]);
  });

  test('that are prepared, of a slot or of a standby have ends of their own', () => {
    const other = { ...session, pid: null, ageMs: null, behind: 2_000_000, user: null, application: null };
    expect(
      brief(
        found(
          { ...other, kind: 'prepared', name: "it's", state: null, ageMs: HOUR },
          { ...other, kind: 'slot', holds: 'vacuum', name: 'old', state: 'inactive' },
          { ...other, kind: 'standby', holds: 'vacuum', pid: 12, state: 'streaming' },
        ),
      ),
    ).toEqual([
      "warning | transaction-open | rollback prepared 'it''s';  -- or commit prepared, in database shop",
      "warning | vacuum-held | select pg_drop_replication_slot('old');",
      'warning | vacuum-held | End the long query on the standby, or set hot_standby_feedback = off there.',
    ]);
  });

  test('whose age is hidden are a note with the grant', () => {
    const grant = 'grant pg_read_all_stats to "reader";';
    expect(brief(found({ ...session, ageMs: null, state: null, grant }))).toEqual([`note | grant-missing | ${grant}`]);
  });
});

describe('the sink', () => {
  const clock = { nowMs: NOW, ticketBoundMs: NOW + 10_000, schedulerUntil: null, workerUntil: null };
  const standing = (name: string, state: GenerationStanding['state']): GenerationStanding => ({
    index: 'cities',
    name,
    state,
    startedFrom: null,
    staleReason: null,
  });
  const held = (name: string, ticketBoundMs = NOW + HOUR) => ({
    name,
    live: false,
    documents: null,
    bytes: null,
    metadata: { index: 'cities', name, nonce: 'n', number: 1, definition: 1, ticketBound: ticketBoundMs * 1_000 },
  });
  const liveAs = (name: string) => ({ generation: { index: 'cities', name }, epoch: 3 });
  const facts = {
    index: 'cities',
    live: liveAs('cities_g2'),
    held: [held('cities_g1'), held('cities_g2')],
    known: [standing('cities_g1', 'retained'), standing('cities_g2', 'live')],
    clock,
  };

  test('has what the ledger says', () => {
    expect(sinkFindings(facts)).toEqual([]);
    expect(sinkFindings({ ...facts, known: [], clock: null })).toEqual([]);
  });

  test.each([
    [null, facts.known, 'reindeer run cities'],
    [liveAs('cities_g1'), facts.known, ''],
    [liveAs('cities_g7'), facts.known, ''],
    [liveAs('cities_g2'), [], 'reindeer run cities'],
    [liveAs('cities_g1'), [standing('cities_g1', 'retained')], ''],
  ])('has another live: %j', (live, known, remedy) => {
    expect(brief(sinkFindings({ ...facts, live, known, held: [] }))).toEqual([`critical | sink-moved | ${remedy}`]);
  });

  test('holds generations that this ledger does not know, and versions above its own', () => {
    const stranger = { ...held('cities_old'), metadata: null };
    const findings = sinkFindings({ ...facts, held: [...facts.held, stranger, held('cities_g9', NOW + 10 * HOUR)] });
    expect(brief(findings)).toEqual(['note | generation-unknown | ', 'warning | ticket-behind | reindeer run cities']);
    expect(findings[0]?.message).toContain('The sink holds cities_g9, made by Reindeer');
  });
});

describe('what is printed', () => {
  const { colors } = memoryTerminal().terminal;
  const finding = (change: Partial<Diagnosis>): Diagnosis => ({
    severity: 'warning',
    index: 'cities',
    code: 'paused',
    message: 'Everything is held by ops.',
    since: null,
    remedy: 'reindeer resume cities',
    ...change,
  });
  const lines = (findings: readonly Diagnosis[], isComplete = true) =>
    findingLines(findings, isComplete, NOW, colors, 60);

  test('is one line when nothing is wrong', () => {
    expect(lines([])).toEqual(['✔ Nothing is wrong.']);
    expect(needsSomebody([finding({ severity: 'note' })])).toBe(false);
  });

  test('has the worst first, what is alike once, and each way out whole', () => {
    const text = 'The triggers are disabled, and what changes meanwhile is not logged, and owes a refresh.';
    const all = [
      finding({ severity: 'note', code: 'configuration', index: null, message: 'Not scheduled.', remedy: null }),
      finding({ since: ago(180_000) }),
      finding({
        severity: 'critical',
        code: 'grant-missing',
        message: text,
        remedy: 'grant a very long list of privileges on a table to a role;\ngrant b;',
      }),
      finding({
        severity: 'critical',
        index: 'books',
        code: 'grant-missing',
        message: text,
        remedy: 'grant a very long list of privileges on a table to a role;\ngrant b;',
      }),
    ];
    expect(lines(all, false)).toEqual([
      '1 thing broken, 1 warning, 1 note. Not everything could be looked at.',
      '',
      '✖ books, cities grant-missing',
      '  The triggers are disabled, and what changes meanwhile is',
      '  not logged, and owes a refresh.',
      '  grant a very long list of privileges on a table to a role;',
      '  grant b;',
      '',
      '! cities paused since 3 min ago',
      '  Everything is held by ops.',
      '  reindeer resume cities',
      '',
      '· configuration',
      '  Not scheduled.',
    ]);
    expect(worstFirst(all).map(({ severity }) => severity)).toEqual(['critical', 'critical', 'warning', 'note']);
  });
});
