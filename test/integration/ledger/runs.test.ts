import { EMPTY_TALLY } from '@reindeer/core';
import {
  applyConfiguration,
  assertSchemaAccepted,
  cancelRun,
  checkpointSlice,
  claimTask,
  completeShardRun,
  configurationStanding,
  handBack,
  lead,
  migrateLedger,
  pendingMigrations,
  query,
  readAlive,
  readRun,
  readScheduleState,
  recordDecision,
  releaseHolds,
  reopenRun,
  setHold,
  stepDown,
  voidDeliveries,
} from '@reindeer/ledger';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configuration, planned, type TestLedger, testLedger } from './fixture.ts';

let t: TestLedger;
beforeEach(async () => {
  t = await testLedger('runs');
});
afterEach(() => t.close());

const scope = { index: 'books', lane: null, run: null };

describe('opening (I5)', () => {
  it('lets one of many planners open a run', async () => {
    const opened = await Promise.all(Array.from({ length: 10 }, () => t.openRun()));
    expect(opened.filter((one) => one.kind === 'opened')).toHaveLength(1);
    expect(opened.filter((one) => one.kind === 'overlap')).toHaveLength(9);
  });

  it('leads a tick that fires twice to the same run', async () => {
    const first = await t.openRun(1_000);
    expect(await t.openRun(1_000)).toEqual({ kind: 'duplicate', run: first.run });
    await cancelRun(t.ledger, first.run as number, true);
    expect(await t.openRun(1_000)).toEqual({ kind: 'duplicate', run: first.run });
    expect(await t.openRun(2_000)).toMatchObject({ kind: 'opened' });
  });
});

describe('pausing', () => {
  it('is a set of holds: work goes on when the last is released', async () => {
    const worker = await t.worker();
    const { run } = await planned(t, worker, ['5']);
    const running = await t.claim(worker, run, 'slice', 1);
    expect(await setHold(t.ledger, { ...scope, reason: 'paused', actor: 'ann', note: null })).toBe(true);
    expect(await setHold(t.ledger, { ...scope, reason: 'paused', actor: 'ben', note: null })).toBe(false);
    await setHold(t.ledger, { index: 'books', lane: 'rebuild', run: null, reason: 'paused', actor: 'ben', note: null });
    expect((await readRun(t.ledger, run))?.state).toBe('pausing');
    const refused = await claimTask(
      t.ledger,
      { run, kind: 'slice', number: 2, delivery: 1 },
      { worker, definition: 1 },
    );
    expect(refused).toEqual({ kind: 'void', reason: 'paused' });
    expect(await handBack(t.ledger, running, { delayMs: 0, failure: null })).toBe('paused');

    expect(await releaseHolds(t.ledger, { ...scope, actor: 'ann' })).toEqual({ holds: 1, due: [] });
    const released = await releaseHolds(t.ledger, { index: 'books', lane: 'rebuild', run: null, actor: 'ben' });
    expect(released.due.map((task) => [task.kind, task.number, task.delivery])).toEqual([
      ['slice', 1, 2],
      ['slice', 2, 2],
    ]);
    expect((await readRun(t.ledger, run))?.state).toBe('building');
    expect(await t.openRun()).toMatchObject({ kind: 'overlap', run });
  });
});

describe('cancelling', () => {
  it('that comes too late ends nothing: the run is completed, and no reason says otherwise', async () => {
    const worker = await t.worker();
    const { run } = await planned(t, worker, []);
    const slice = await t.claim(worker, run, 'slice', 1);
    const done = { sequence: 1, cursor: null, tally: EMPTY_TALLY, bytes: 0, failures: [], complete: true };
    await checkpointSlice(t.ledger, slice, done);
    const finish = await t.claim(worker, run, 'finish', 0);
    expect(await cancelRun(t.ledger, run, false)).toBe('cancelling');
    await completeShardRun(t.ledger, finish, false);
    expect(await readRun(t.ledger, run)).toMatchObject({ state: 'completed', reason: null });
  });

  it('waits for what runs, and gives the place back', async () => {
    const worker = await t.worker();
    const { run } = await planned(t, worker, ['5']);
    const running = await t.claim(worker, run, 'slice', 1);
    expect(await cancelRun(t.ledger, run, false)).toBe('cancelling');
    expect(await t.openRun()).toMatchObject({ kind: 'overlap' });
    expect(await handBack(t.ledger, running, { delayMs: 0, failure: null })).toBe('cancelled');
    expect(await readRun(t.ledger, run)).toMatchObject({ state: 'cancelled', reason: 'cancelled' });
    expect(await t.openRun()).toMatchObject({ kind: 'opened' });
    expect(await cancelRun(t.ledger, run, false)).toBeNull();
  });

  it('by force voids the claims', async () => {
    const worker = await t.worker();
    const { run } = await planned(t, worker, ['5']);
    const running = await t.claim(worker, run, 'slice', 1);
    expect(await cancelRun(t.ledger, run, true)).toBe('cancelled');
    expect(await handBack(t.ledger, running, { delayMs: 0, failure: null })).toBeNull();
  });
});

it('knows which processes are alive', async () => {
  expect(await readAlive(t.ledger)).toEqual({ workers: 0, scheduler: false });
  await t.worker();
  await t.worker(0);
  await lead(t.ledger, 'reconciler', '00000000-0000-4000-8000-000000000001', 60_000);
  expect(await readAlive(t.ledger)).toEqual({ workers: 1, scheduler: true });
  await stepDown(t.ledger, 'reconciler', '00000000-0000-4000-8000-000000000001');
  expect(await readAlive(t.ledger)).toEqual({ workers: 1, scheduler: false });
});

describe('definitions', () => {
  it('that change end the runs of the old one, which cannot be retried', async () => {
    const worker = await t.worker();
    const { run } = await planned(t, worker, []);
    expect(await applyConfiguration(t.ledger, configuration('two'))).toMatchObject({
      kind: 'applied',
      changed: true,
      voided: [run],
    });
    expect(await readRun(t.ledger, run)).toMatchObject({ state: 'failed', reason: 'definition-mismatch' });
    expect(await reopenRun(t.ledger, run)).toMatchObject({ kind: 'refused', reason: 'definition-mismatch' });
    // Nothing failed: the new definition must not wait as if it had.
    expect(await readScheduleState(t.ledger, 'books', 'rebuild', -1, 'rebuild')).toMatchObject({
      consecutiveFailures: 0,
      lastFailedAt: null,
    });
  });

  it('that are taken out of the configuration end their runs, and free their place for when they come back', async () => {
    const worker = await t.worker();
    const { run } = await planned(t, worker, []);
    const without = { ...configuration('three'), indexes: [] };
    expect(await applyConfiguration(t.ledger, without)).toMatchObject({ kind: 'applied', voided: [run] });
    expect(await readRun(t.ledger, run)).toMatchObject({ state: 'failed', reason: 'not-in-configuration' });
    await applyConfiguration(t.ledger, configuration('one', true));
    expect(await t.openRun()).toMatchObject({ kind: 'opened' });
  });

  it('of an older configuration are not applied again, unless forced', async () => {
    await applyConfiguration(t.ledger, configuration('two'));
    expect(await applyConfiguration(t.ledger, configuration('one'))).toMatchObject({ kind: 'older' });
    expect(await configurationStanding(t.ledger, configuration('one').fingerprint)).toMatchObject({ kind: 'older' });
    expect(await configurationStanding(t.ledger, configuration('two').fingerprint)).toEqual({ kind: 'current' });
    expect(await configurationStanding(t.ledger, 'nobody applied it')).toEqual({ kind: 'unknown' });
    expect(await applyConfiguration(t.ledger, configuration('two'))).toMatchObject({ kind: 'applied', changed: false });
    expect(await applyConfiguration(t.ledger, configuration('one', true))).toMatchObject({
      kind: 'applied',
      changed: true,
    });
  });
});

describe('decisions', () => {
  it('are counted once per tick, and equal ones in a row are one row', async () => {
    const tick = (slot: number | null, reason: string | null, run: number | null = null) =>
      recordDecision(t.ledger, {
        index: 'books',
        lane: 'rebuild',
        shard: -1,
        outcome: run === null ? 'skipped' : 'started',
        reason,
        run,
        slot,
      });
    await Promise.all([tick(1, 'overlap'), tick(1, 'overlap'), tick(1, 'overlap')]);
    await tick(2, 'overlap');
    expect(await tick(2, 'overlap')).toBe(false);
    await tick(3, 'fresh');
    await tick(4, null, 9);
    await tick(5, null, 10);
    await tick(null, 'overlap');
    await tick(6, 'overlap');
    const rows = await query(
      t.ledger,
      `select outcome, reason, count::int, last_slot::int as slot from decisions order by decision`,
    );
    expect(rows).toEqual([
      { outcome: 'skipped', reason: 'overlap', count: 2, slot: 2 },
      { outcome: 'skipped', reason: 'fresh', count: 1, slot: 3 },
      { outcome: 'started', reason: null, count: 1, slot: 4 },
      { outcome: 'started', reason: null, count: 1, slot: 5 },
      { outcome: 'skipped', reason: 'overlap', count: 2, slot: 6 },
    ]);
  });
});

describe('losing the queue', () => {
  it('makes every waiting delivery again under a new number', async () => {
    const worker = await t.worker();
    const { run } = await planned(t, worker, ['5', '9']);
    await t.claim(worker, run, 'slice', 2);
    const due = await voidDeliveries(t.ledger);
    expect(due.map((task) => [task.number, task.delivery])).toEqual([
      [1, 2],
      [3, 2],
    ]);
  });
});

describe('leading', () => {
  it('is for one at a time, with an epoch that rises with every change', async () => {
    expect(await lead(t.ledger, 'x', '00000000-0000-4000-8000-000000000001', 60_000)).toBe(1);
    expect(await lead(t.ledger, 'x', '00000000-0000-4000-8000-000000000002', 60_000)).toBeNull();
    expect(await lead(t.ledger, 'x', '00000000-0000-4000-8000-000000000001', 60_000)).toBe(1);
    await stepDown(t.ledger, 'x', '00000000-0000-4000-8000-000000000001');
    expect(await lead(t.ledger, 'x', '00000000-0000-4000-8000-000000000002', 60_000)).toBe(2);
  });
});

describe('migrations', () => {
  it('run once, however many processes start at once, and are immutable', async () => {
    const results = await Promise.all(Array.from({ length: 4 }, () => migrateLedger(t.ledger)));
    expect(results.every((result) => result.applied.length === 0)).toBe(true);
    expect(await pendingMigrations(t.ledger)).toEqual([]);
    await query(t.ledger, `update migrations set checksum = 'other' where version = 1`);
    await expect(migrateLedger(t.ledger)).rejects.toMatchObject({ code: 'migration-changed' });
  });

  it('refuse a ledger that is newer than the program', async () => {
    await query(t.ledger, `insert into migrations (version, name, checksum) values (999, 'later', '')`);
    await expect(migrateLedger(t.ledger)).rejects.toMatchObject({ code: 'ledger-newer' });
    await expect(assertSchemaAccepted(t.ledger)).rejects.toMatchObject({ code: 'ledger-newer' });
  });
});
