import { randomUUID } from 'node:crypto';
import {
  applyConfiguration,
  checkpointSlice,
  claimTask,
  failTask,
  handBack,
  noteAbsent,
  prune,
  query,
  readRun,
  releaseHolds,
  reopenRun,
  resumeUnheld,
  setHold,
  transaction,
  waitingTasks,
} from '@reindeer/ledger';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DUE_TASK_COLUMNS } from '../../../packages/ledger/src/task/dueTask.ts';
import { configuration, planned, type TestLedger, tally, testLedger } from './fixture.ts';

let t: TestLedger;
beforeEach(async () => {
  t = await testLedger('races');
});
afterEach(() => t.close());

const scope = { index: 'books', lane: null, run: null };
const hold = { ...scope, reason: 'paused', actor: 'ann', note: null };
const failure = (document: string, detail = 'no') => ({ document, reason: 'x', detail, fingerprint: 'f' });
const refusal = { reason: 'error', error: 'no' } as const;

/** Resolves when a statement of the ledger waits for a lock. */
async function untilBlocked(count = 1): Promise<void> {
  for (;;) {
    const [row] = await query<{ n: number }>(
      t.ledger,
      `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    if ((row?.n ?? 0) >= count) return;
  }
}

it('a slice that records failures and the end of its run do not wait for each other', async () => {
  const worker = await t.worker();
  const { run } = await planned(t, worker, ['5']);
  await t.claim(worker, run, 'slice', 1);
  const two = await t.claim(worker, run, 'slice', 2);
  let ended: Promise<boolean> | undefined;
  await transaction(t.ledger, async (client) => {
    // What a checkpoint with failures does, stopped between its two statements while another slice fails for good.
    await client.query(`update tasks set failed = 1 where run = $1 and kind = 'slice' and number = 1`, [run]);
    ended = failTask(t.ledger, two, refusal);
    await untilBlocked();
    await client.query(
      `insert into failures (run, slice, index, document, reason, detail, fingerprint) values ($1, 1, 'books', 'a', 'x', 'y', 'z')`,
      [run],
    );
  });
  expect(await ended).toBe(true);
});

describe('a hold', () => {
  it('holds a run that is retried under it', async () => {
    const worker = await t.worker();
    const { run } = await planned(t, worker, ['5']);
    await failTask(t.ledger, await t.claim(worker, run, 'slice', 1), refusal);
    await setHold(t.ledger, hold);
    await reopenRun(t.ledger, run);
    expect(
      await claimTask(t.ledger, { run, kind: 'slice', number: 1, delivery: 2 }, { worker, definition: 1 }),
    ).toEqual({
      kind: 'void',
      reason: 'paused',
    });
    expect((await readRun(t.ledger, run))?.state).toBe('paused');
    const released = await releaseHolds(t.ledger, { ...scope, actor: 'ann' });
    expect(released.due).toHaveLength(2);
    await t.claim(worker, run, 'slice', 1, 3);
  });

  it('set while another is released holds', async () => {
    const worker = await t.worker();
    const { run } = await planned(t, worker, ['5']);
    await setHold(t.ledger, hold);
    let released: ReturnType<typeof releaseHolds> | undefined;
    await transaction(t.ledger, async (client) => {
      // A second hold has locked the run, and is not committed yet.
      await client.query(`insert into holds (lane, reason, actor) values ('rebuild', 'paused', 'ben')`);
      await client.query(`select 1 from runs where run = $1 for no key update`, [run]);
      released = releaseHolds(t.ledger, { ...scope, actor: 'ann' });
      await untilBlocked();
    });
    expect(await released).toEqual({ holds: 1, due: [] });
    expect((await readRun(t.ledger, run))?.state).toBe('paused');
  });
});

it('a run that pauses although nothing holds it goes on', async () => {
  const worker = await t.worker();
  const { run } = await planned(t, worker, ['5']);
  await setHold(t.ledger, hold);
  expect(await resumeUnheld(t.ledger)).toEqual([]);
  // A hold set at the moment of its release finds itself there already, and pauses the run after it was resumed.
  await query(t.ledger, `update holds set released_at = now()`);
  expect(await resumeUnheld(t.ledger)).toHaveLength(2);
  expect((await readRun(t.ledger, run))?.state).toBe('building');
});

it('of more waiting tasks than one look takes, all are looked at', async () => {
  const worker = await t.worker();
  await planned(t, worker, ['3', '5', '7']);
  const seen = new Set<number>();
  while (seen.size < 4) for (const task of await waitingTasks(t.ledger, -1_000, 1)) seen.add(task.number);
  const [lost] = (await waitingTasks(t.ledger, -1_000, 9)).slice(2);
  await noteAbsent(t.ledger, lost === undefined ? [] : [lost], []);
  expect(await waitingTasks(t.ledger, -1_000, 1)).toEqual([lost]);
});

describe('a changed definition', () => {
  it('and a planner that makes its generation do not wait for each other', async () => {
    const worker = await t.worker();
    const opened = await t.openRun();
    const plan = await t.claim(worker, opened.run as number, 'plan', 0);
    let applied: ReturnType<typeof applyConfiguration> | undefined;
    await transaction(t.ledger, async (client) => {
      // What createGeneration does first.
      await client.query(`select 1 from runs where run = $1 for no key update`, [plan.run]);
      applied = applyConfiguration(t.ledger, configuration('two'));
      await untilBlocked();
      await client.query(`set local lock_timeout = '2s'`);
      await client.query(`select 1 from indexes where index = 'books' for update`);
    });
    expect(await applied).toMatchObject({ kind: 'applied', voided: [plan.run] });
  });

  it('opens no run of an older one: no worker would take it', async () => {
    await applyConfiguration(t.ledger, configuration('two'));
    expect(await t.openRun()).toMatchObject({ kind: 'definition-mismatch' });
  });
});

it('a claim whose answer was lost is asked for again, with the same token', async () => {
  const worker = await t.worker();
  const opened = await t.openRun();
  const task = { run: opened.run as number, kind: 'plan', number: 0, delivery: 1 } as const;
  const by = { worker, definition: 1, token: randomUUID() };
  const first = await claimTask(t.ledger, task, by);
  const again = await claimTask(t.ledger, task, by);
  expect(again).toEqual(first);
  expect(again).toMatchObject({ kind: 'claimed', task: { token: by.token, claimNumber: 1, attempts: 0 } });
});

describe('failures of a checkpoint', () => {
  it('may name a document twice', async () => {
    const worker = await t.worker();
    const { run } = await planned(t, worker, ['5']);
    const slice = await t.claim(worker, run, 'slice', 1);
    const checkpoint = {
      sequence: 1,
      cursor: ['3'],
      tally: tally(2, { written: 0, failed: 2 }),
      bytes: 1,
      failures: [failure('a'), failure('a')],
      complete: false,
    };
    expect(await checkpointSlice(t.ledger, slice, checkpoint)).toMatchObject({ kind: 'recorded', runFailed: 2 });
  });

  it('and the errors of tasks may hold what PostgreSQL has no text for', async () => {
    const worker = await t.worker();
    const { run } = await planned(t, worker, ['5']);
    const slice = await t.claim(worker, run, 'slice', 1);
    const checkpoint = {
      sequence: 1,
      cursor: ['3'],
      tally: tally(1, { written: 0, failed: 1 }),
      bytes: 1,
      failures: [failure('a', 'nul \0 and half a pair \ud800')],
      complete: false,
    };
    expect(await checkpointSlice(t.ledger, slice, checkpoint)).toMatchObject({ kind: 'recorded' });
    expect(await handBack(t.ledger, slice, { delayMs: 0, failure: { error: 'nul \0' } })).toBe('running');
    const again = await t.claim(worker, run, 'slice', 1);
    expect(await failTask(t.ledger, again, { reason: 'error', error: 'nul \0' })).toBe(true);
  });
});

it('a retry finds its generation, or is refused', async () => {
  const worker = await t.worker();
  const { run } = await planned(t, worker, ['5']);
  await failTask(t.ledger, await t.claim(worker, run, 'slice', 1), refusal);
  let reopened: ReturnType<typeof reopenRun> | undefined;
  await transaction(t.ledger, async (client) => {
    await client.query(`update generations set state = 'dropping' where run = $1`, [run]);
    reopened = reopenRun(t.ledger, run);
    await untilBlocked();
  });
  expect(await reopened).toMatchObject({ kind: 'refused', reason: 'generation-gone' });
  expect((await readRun(t.ledger, run))?.state).toBe('failed');
});

interface PlanNode {
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly PlanNode[];
}

/** How many rows all parts of a plan have gone through. */
function rowsOf({ 'Actual Rows': rows, 'Actual Loops': loops, Plans = [] }: PlanNode): number {
  return Plans.reduce((sum, node) => sum + rowsOf(node), rows * loops);
}

it('of 4,096 slices says at once how many there are', async () => {
  const worker = await t.worker();
  const { run } = await planned(
    t,
    worker,
    Array.from({ length: 4_095 }, (_, at) => String(at)),
  );
  await query(t.ledger, 'analyze tasks');
  const [row] = await query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
    t.ledger,
    `explain (analyze, timing off, format json)
     select ${DUE_TASK_COLUMNS} from tasks t join runs r on r.run = t.run where t.run = $1 and t.status = 'queued'`,
    [run],
  );
  // Each some times; to count them anew for each would be 4,096 times as many.
  expect(row && rowsOf(row['QUERY PLAN'][0].Plan)).toBeLessThan(20 * 4_096);
  await setHold(t.ledger, hold);
  const { due } = await releaseHolds(t.ledger, { ...scope, actor: 'ann' });
  expect(due).toHaveLength(4_096);
  expect(due[0]?.slices).toBe(4_096);
});

it('workers are forgotten with the runs that name them, but not while one of their tasks runs', async () => {
  const [busy, done] = [await t.worker(), await t.worker()];
  const { run } = await planned(t, done, ['5']);
  await t.claim(busy, run, 'slice', 1);
  await query(t.ledger, `update workers set lease_until = now() - interval '31 days'`);
  const day = 86_400_000;
  await prune(t.ledger, { runsMs: 60 * day, failuresMs: day });
  expect(await query(t.ledger, `select 1 from workers`)).toHaveLength(2);
  await prune(t.ledger, { runsMs: 30 * day, failuresMs: day });
  expect(await query(t.ledger, `select worker from workers`)).toEqual([{ worker: busy }]);
});
