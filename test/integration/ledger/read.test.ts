import {
  groupFailures,
  type Ledger,
  listFailures,
  listRuns,
  listSlices,
  migrateLedger,
  openLedger,
  query,
  readGauges,
  readIndex,
  readIndexes,
  readRun,
  readTroubles,
  sumRuns,
} from '@reindeer/ledger';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../support/servers.ts';

let database: FreshDatabase;
let ledger: Ledger;

const WORKER = '00000000-0000-4000-8000-000000000001';

beforeAll(async () => {
  database = await freshDatabase('ledger_read');
  ledger = openLedger({ url: database.url, schema: 'reindeer' });
  await migrateLedger(ledger);
  await query(ledger, `insert into indexes (index, removed_at) values ('cities', null), ('towns', now())`);
  await query(
    ledger,
    `insert into workers (worker, name, host, pid, app, version, lease_until)
     values ($1, 'fast-elk', 'here', 1, 'worker', '0', now())`,
    [WORKER],
  );
  // Run 1 completed and its generation is live; run 2 is building; run 3 of another index failed.
  await query(
    ledger,
    `insert into runs (nonce, index, lane, definition, trigger, actor, phase, status, expected, expected_exact, reason, error,
                       started_at, indexed_at, finished_at)
     values ('a', 'cities', 'rebuild', 1, 'manual', 'me', 'promoting', 'completed', 100, true, null, null,
             '2026-01-01 00:00:00Z', now() - interval '90 seconds', '2026-01-01 00:00:04Z'),
            ('b', 'cities', 'rebuild', 1, 'schedule', 'scheduler', 'building', 'running', 9007199254740991, false, null, null,
             now() - interval '10 seconds', null, null),
            ('c', 'towns', 'rebuild', 1, 'manual', 'me', 'building', 'failed', null, false, 'error-budget', 'too many',
             '2026-01-01Z', null, '2026-01-02Z')`,
  );
  await query(
    ledger,
    `insert into generations (index, number, name, definition, state, run, nonce, epoch, documents, promoted_at)
     values ('cities', 1, 'cities_g1_a', 1, 'live', 1, 'a', 1, 97, now()),
            ('cities', 2, 'cities_g2_b', 1, 'building', 2, 'b', null, null, null)`,
  );
  await query(
    ledger,
    `insert into definitions (index, number, fingerprint, definition)
     values ('cities', 1, 'a', '{"source": {"connection": "shop", "where": null}, "sink": {"connection": "search"}}')`,
  );
  await query(ledger, `update runs set generation = run where run < 3`);
  await query(
    ledger,
    `insert into tasks (run, kind, number, shard, after, up_to, status, cursor, read, written, failed, owner, not_before, attempts)
     values (1, 'plan', 0, -1, null, null, 'completed', null, 5555, 0, 0, null, now(), 0),
            (1, 'slice', 1, 0, null, '["9007199254740993"]', 'completed', '["9007199254740993"]', 60, 58, 2, $1, now(), 0),
            (1, 'slice', 2, 1, '["9007199254740993"]', null, 'completed', '["z"]', 40, 39, 1, $1, now(), 0),
            (2, 'slice', 1, 0, null, null, 'queued', null, 0, 0, 0, null, now() + interval '1 hour', 2)`,
    [WORKER],
  );
  await query(
    ledger,
    `insert into failures (run, slice, index, generation, document, reason, detail, fingerprint)
     values (1, 1, 'cities', 1, '7', 'transform-failed', 'no name', 'x'),
            (1, 1, 'cities', 1, '8', 'transform-failed', 'no name', 'x'),
            (1, 2, 'cities', 1, '9', 'key-too-long', '600 bytes', 'y')`,
  );
  await query(
    ledger,
    `insert into holds (index, lane, reason, actor, note, released_at)
     values ('cities', 'rebuild', 'paused', 'me', 'moving house', null), (null, null, 'paused', 'you', null, null),
            ('cities', null, 'paused', 'me', null, now()), ('towns', null, 'paused', 'me', null, null)`,
  );
  await query(
    ledger,
    `insert into decisions (index, lane, shard, outcome, reason, run, count, first_slot, last_slot)
     values ('cities', 'rebuild', -1, 'started', null, 2, 1, 1000, 1000),
            ('cities', 'rebuild', -1, 'skipped', 'overlap', null, 3, 2000, 4000)`,
  );
  await query(
    ledger,
    `insert into owed_refreshes (index, generation, shard, cause, discharged_at)
     values ('cities', 1, 0, 'p', null), ('cities', 1, 1, 'p', null), ('cities', 1, 2, 'p', now()), ('cities', 2, 0, 'p', null)`,
  );
});

afterAll(async () => {
  await ledger.close();
  await database.drop();
});

describe('readRun', () => {
  test('sums the slices, not the planning', async () => {
    expect(await readRun(ledger, 1)).toMatchObject({
      run: 1,
      shard: null,
      state: 'completed',
      generation: 'cities_g1_a',
      documents: { read: 100, written: 97, failed: 3, expected: 100, expectedExact: true },
      slices: { total: 2, completed: 2, failed: 0 },
      progress: 1,
      etaMs: 0,
      elapsedMs: 4000,
      documentsPerSecond: 25,
      finishedAt: '2026-01-01T00:00:04.000Z',
      asked: { by: 'me', note: null, force: false },
    });
  });

  test('shows the phase of a running run, and time by the clock of the ledger', async () => {
    const run = await readRun(ledger, 2);
    expect(run).toMatchObject({ state: 'building', finishedAt: null, asked: null });
    expect(run?.elapsedMs).toBeGreaterThanOrEqual(10_000);
    expect(run?.documents.expected).toBe(Number.MAX_SAFE_INTEGER);
  });

  test('gives null for a run that is not there', async () => {
    expect(await readRun(ledger, 404)).toBeNull();
  });
});

describe('listRuns', () => {
  test('is newest first, in pages', async () => {
    const first = await listRuns(ledger, { limit: 2 });
    expect(first.map((run) => run.run)).toEqual([3, 2]);
    const second = await listRuns(ledger, { limit: 2, after: first.at(-1)?.run ?? 0 });
    expect(second.map((run) => run.run)).toEqual([1]);
  });

  test('filters by index, lane, state as users see it, and open', async () => {
    const numbers = async (filter: Omit<Parameters<typeof listRuns>[1], 'limit'>) =>
      (await listRuns(ledger, { ...filter, limit: 10 })).map((run) => run.run);
    expect(await numbers({ index: 'cities' })).toEqual([2, 1]);
    expect(await numbers({ lane: 'refresh' })).toEqual([]);
    expect(await numbers({ state: 'building' })).toEqual([2]);
    expect(await numbers({ state: 'running' })).toEqual([]);
    expect(await numbers({ state: 'failed' })).toEqual([3]);
    expect(await numbers({ open: true })).toEqual([2]);
  });
});

test('listSlices keeps keys as the database printed them', async () => {
  const slices = await listSlices(ledger, 1);
  expect(slices).toMatchObject([
    {
      number: 1,
      shard: 0,
      after: null,
      upTo: ['9007199254740993'],
      state: 'completed',
      owner: 'fast-elk',
      notBefore: null,
    },
    { number: 2, shard: 1, after: ['9007199254740993'], upTo: null, documents: { read: 40, written: 39, failed: 1 } },
  ]);
  expect(slices[0]).not.toHaveProperty('read');
  expect((await listSlices(ledger, 1, { after: 1 })).map((slice) => slice.number)).toEqual([2]);
});

test('listSlices says until when a slice waits', async () => {
  const [slice] = await listSlices(ledger, 2);
  expect(slice).toMatchObject({ state: 'queued', attempts: 2, owner: null });
  expect(Date.parse(slice?.notBefore ?? '')).toBeGreaterThan(Date.now());
});

test('failures are listed newest first, and grouped by cause', async () => {
  const failures = await listFailures(ledger, { run: 1, limit: 2 });
  expect(failures.map((failure) => failure.document)).toEqual(['9', '8']);
  expect(await listFailures(ledger, { index: 'cities', after: failures[1]?.failure ?? 0, limit: 9 })).toMatchObject([
    { document: '7', generation: 'cities_g1_a', reason: 'transform-failed' },
  ]);
  expect(await groupFailures(ledger, { index: 'cities', limit: 9 })).toMatchObject([
    { fingerprint: 'x', documents: 2, example: '8', runs: 1, detail: 'no name' },
    { fingerprint: 'y', documents: 1, example: '9' },
  ]);
});

describe('readIndex', () => {
  test('gathers what status needs', async () => {
    const cities = await readIndex(ledger, 'cities');
    expect(cities).toMatchObject({
      index: 'cities',
      configured: true,
      live: { name: 'cities_g1_a', number: 1, documents: 97, caughtUp: false },
      generations: [
        { number: 2, state: 'building' },
        { number: 1, state: 'live', epoch: 1, run: 1 },
      ],
      openRuns: [{ run: 2 }],
      lastRuns: [{ run: 1 }],
      holds: [
        { index: 'cities', lane: 'rebuild', note: 'moving house' },
        { index: null, actor: 'you' },
      ],
      decisions: [
        {
          lane: 'rebuild',
          shard: null,
          outcome: 'skipped',
          reason: 'overlap',
          count: 3,
          lastTickAt: '1970-01-01T00:00:04.000Z',
        },
      ],
      definitionChange: null,
      owedRefreshes: 2,
      refusedLately: { documents: 3, run: 1 },
    });
    expect(cities?.freshnessSeconds).toBeGreaterThanOrEqual(90);
    expect(cities?.freshnessSeconds).toBeLessThan(3600);
  });

  test('says what of the newest definition is not live yet, until the index is taken out', async () => {
    const told = async () => (await readIndex(ledger, 'cities'))?.definitionChange;
    const gauge = async () => (await readGauges(ledger)).definitions;
    expect(await gauge()).toEqual([{ index: 'cities', mismatch: false }]);
    await query(
      ledger,
      `insert into definitions (index, number, fingerprint, definition)
       select index, 2, 'b', jsonb_set(definition, '{source,where}', '"population > 0"') from definitions`,
    );
    expect(await told()).toEqual({ needs: 'refresh', because: ['source.where'] });
    expect(await gauge()).toEqual([{ index: 'cities', mismatch: true }]);
    await query(ledger, `update indexes set removed_at = now() where index = 'cities'`);
    expect([await told(), await gauge()]).toEqual([null, []]);
    await query(ledger, `update indexes set removed_at = null where index = 'cities'`);
    await query(ledger, `delete from definitions where number = 2`);
  });

  test('gives null for an index that no configuration named', async () => {
    expect(await readIndex(ledger, 'nowhere')).toBeNull();
  });

  test('keeps an index that left the configuration', async () => {
    const indexes = await readIndexes(ledger);
    expect(indexes.map((index) => [index.index, index.configured])).toEqual([
      ['cities', true],
      ['towns', false],
    ]);
    expect(indexes[1]).toMatchObject({
      live: null,
      freshnessSeconds: null,
      lastRuns: [{ run: 3, reason: 'error-budget' }],
    });
  });
});

test('sumRuns adds, and takes the worst outcome', async () => {
  const runs = await listRuns(ledger, { limit: 10 });
  const completed = runs.filter((run) => run.run === 1);
  expect(sumRuns(completed)).toMatchObject({ run: null, state: 'completed', documents: { read: 100 }, progress: 1 });
  expect(sumRuns(runs)).toMatchObject({
    run: null,
    state: 'failed',
    reason: 'error-budget',
    documents: { read: 100, expected: null },
    slices: { total: 3, completed: 2 },
    finishedAt: null,
  });
  expect(sumRuns([])).toBeNull();
});

describe('readTroubles', () => {
  test('open runs whose tasks fail, with the error, since when, and when they are tried again', async () => {
    await query(
      ledger,
      `update tasks set error = 'The sink does not answer.', failing_since = '2026-01-01 00:00:00Z' where run = 2 and number = 1`,
    );
    expect(await readTroubles(ledger)).toEqual([
      {
        run: 2,
        tasks: 1,
        attempts: 2,
        since: '2026-01-01T00:00:00.000Z',
        nextAt: expect.stringMatching(/Z$/),
        error: 'The sink does not answer.',
      },
    ]);
    await query(ledger, `update tasks set status = 'running' where run = 2 and number = 1`);
    expect(await readTroubles(ledger)).toMatchObject([{ nextAt: null }]);
    await query(ledger, `update tasks set attempts = 0 where run = 2 and number = 1`);
    expect(await readTroubles(ledger)).toEqual([]);
  });
});
