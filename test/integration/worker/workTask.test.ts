import { setTimeout as wait } from 'node:timers/promises';
import { openConnections } from '@reindeer/connectors';
import { RefusedError } from '@reindeer/core';
import { dropGenerations, type EngineContext, openIndexes } from '@reindeer/engine';
import {
  advancePhase,
  cancelRun,
  type DueTask,
  type Ledger,
  query,
  readGenerations,
  readRun,
  releaseHolds,
  setHold,
  transaction,
} from '@reindeer/ledger';
import type { TaskKind } from '@reindeer/queue';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HeldClaims } from '../../../apps/worker/src/HeldClaims.ts';
import { type TaskDesk, workTask } from '../../../apps/worker/src/workTask.ts';
import { booksDefinition as definition } from '../../support/booksDefinition.ts';
import { type TestLedger, testLedger } from '../ledger/fixture.ts';

const job = { signal: new AbortController().signal, progress: () => {}, log: () => {} };
const signal = job.signal;
const hold = { index: 'books', lane: null, run: null, reason: 'paused', actor: 'ann', note: null };

let t: TestLedger;
let desk: TaskDesk;
let held: HeldClaims;
let delivered: DueTask[];
let deliver: EngineContext['deliver'];
const indexes = () => desk.open('books');
let close: () => Promise<void>;

beforeEach(async () => {
  t = await testLedger('work');
  await query(t.ledger, `create table public.book (id bigint primary key, title text)`);
  await query(t.ledger, `insert into public.book select n, 'book ' || n from generate_series(1, 10) n`);
  const connections = openConnections(
    { db: { name: 'db', kind: 'postgres', url: t.database.url } },
    { maxConnections: 3 },
  );
  const opened = openIndexes({ books: definition }, connections);
  close = () => opened.close();
  delivered = [];
  deliver = async (due) => {
    delivered.push(...due);
  };
  const never = new AbortController().signal;
  const context: EngineContext = {
    ledger: t.ledger,
    deliver: (due) => deliver(due),
    observer: { documents() {}, bytes() {}, batch() {}, throttled() {}, event() {} },
  };
  const worker = await t.worker();
  held = new HeldClaims(context, worker);
  desk = {
    context,
    worker,
    held,
    settings: {
      batch: { maxDocuments: 100, maxBytes: 1_000_000, inFlight: 1, targetMs: 1_000 },
      batchTimeoutMs: 60_000,
      leaseMs: 60_000,
      turnMs: 60_000,
      maxAttempts: 1,
    },
    keepGenerations: 2,
    afterPromotion: async () => {},
    draining: never,
    ending: never,
    open: (index) => opened.open(index),
    permit: (work) => work(),
  };
});
afterEach(async () => {
  await close();
  await t.close();
});

async function open(): Promise<number> {
  const opened = await t.openRun();
  if (opened.kind !== 'opened') throw new Error(opened.kind);
  return opened.run;
}

const work = (run: number, kind: TaskKind, number: number) =>
  workTask(desk, { index: 'books', run, kind, number, delivery: 1 }, job);

async function rebuild(): Promise<number> {
  const run = await open();
  await work(run, 'plan', 0);
  await work(run, 'slice', 1);
  await work(run, 'finish', 0);
  return run;
}

/** Ends the connection of a statement that waits for a lock, as a ledger that restarts does. */
async function breakWaiting(): Promise<void> {
  for (;;) {
    const broken = await query(
      t.ledger,
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`,
    );
    if (broken.length > 0) return;
  }
}

it('gives back what the ledger has forgotten the end of, and nothing that it is at', async () => {
  const run = await open();
  await work(run, 'plan', 0);
  await work(run, 'slice', 1);
  expect(await held.giveBack()).toBe(0);
  // As on a standby that lacks the last commits: the claim is there, its end is not.
  await query(
    t.ledger,
    `update tasks set status = 'running', owner = $2, finished_at = null where run = $1 and kind = 'slice'`,
    [run, desk.worker],
  );
  await query(t.ledger, `delete from tasks where run = $1 and kind = 'finish'`, [run]);
  await query(t.ledger, `update runs set phase = 'building' where run = $1`, [run]);
  const [slice] = await query<{ token: string }>(
    t.ledger,
    `select claim_token as token from tasks where kind = 'slice'`,
  );
  await held.during(slice?.token ?? '', async () => expect(await held.giveBack()).toBe(0));
  expect(await held.giveBack()).toBe(1);
  await work(run, 'slice', 1);
  await work(run, 'finish', 0);
  expect(await query(t.ledger, `select status from runs`)).toEqual([{ status: 'completed' }]);
});

it('asks for a claim again when the ledger was away: a job is not failed, nor its task lost', async () => {
  const run = await open();
  let worked: Promise<unknown> | undefined;
  await transaction(t.ledger, async (client) => {
    await client.query(`select 1 from runs where run = $1 for update`, [run]);
    worked = work(run, 'plan', 0);
    await breakWaiting();
  });
  expect(await worked).toEqual({ kind: 'done', result: { planned: true } });
});

it('does not fail a run whose finish task the queue did not take', async () => {
  const run = await open();
  await work(run, 'plan', 0);
  deliver = () => Promise.reject(new Error('the queue is away'));
  expect(await work(run, 'slice', 1)).toMatchObject({ kind: 'done' });
  expect((await readRun(t.ledger, run))?.state).toBe('catching_up');
  await work(run, 'finish', 0);
  expect((await readRun(t.ledger, run))?.state).toBe('completed');
});

it('goes on with its job when the run was resumed before it had stopped', async () => {
  const run = await open();
  await work(run, 'plan', 0);
  let paused = false;
  let due: readonly DueTask[] | undefined;
  // The first transaction after the pause is the hand-back; the checkpoint that saw the pause is one statement.
  const { pool } = t.ledger;
  const connect = async () => {
    if (paused && due === undefined) ({ due } = await releaseHolds(t.ledger, hold));
    return pool.connect();
  };
  const gated: Ledger = { ...t.ledger, pool: Object.create(pool, { connect: { value: connect } }) };
  Object.defineProperty(gated.pool, 'query', { value: pool.query.bind(pool) });
  desk = {
    ...desk,
    context: { ...desk.context, ledger: gated },
    settings: { ...desk.settings, batch: { ...desk.settings.batch, maxDocuments: 1 } },
    permit: async (write) => {
      if (!paused) await setHold(t.ledger, hold);
      paused = true;
      return write();
    },
  };
  expect(await work(run, 'slice', 1)).toEqual({ kind: 'again', delayMs: 0 });
  expect(due).toEqual([]);
  expect(await work(run, 'slice', 1)).toMatchObject({ kind: 'done', result: { documents: { read: 10 } } });
});

it('keeps its claim where the ledger was away for longer than a batch may take, and was back at its last checkpoint', async () => {
  const run = await open();
  await work(run, 'plan', 0);
  // The first checkpoint is answered only when the slice was given up, since nothing went on for as long as a batch may take.
  const batchTimeoutMs = 2_000;
  let away = true;
  const { pool } = t.ledger;
  const ask = async (text: string, values: unknown[]) => {
    if (/set checkpoint/.test(text) && away) {
      away = false;
      await wait(2 * batchTimeoutMs);
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    }
    return pool.query(text, values);
  };
  const gated: Ledger = { ...t.ledger, pool: Object.create(pool, { query: { value: ask } }) };
  Object.defineProperty(gated.pool, 'connect', { value: pool.connect.bind(pool) });
  desk = {
    ...desk,
    context: { ...desk.context, ledger: gated },
    settings: { ...desk.settings, batchTimeoutMs },
  };
  expect(await work(run, 'slice', 1)).toMatchObject({ kind: 'done', result: { documents: { read: 10 } } });
  expect(away).toBe(false);
  await work(run, 'finish', 0);
  expect((await readRun(t.ledger, run))?.state).toBe('completed');
});

it('gives back what it cannot go on with, though its claim was not lost', async () => {
  const run = await open();
  await work(run, 'plan', 0);
  desk = { ...desk, permit: () => Promise.reject(new RefusedError('lost-claim', 'It looked like it.')) };
  expect(await work(run, 'slice', 1)).toEqual({ kind: 'again', delayMs: 1_000 });
  await query(t.ledger, `update tasks set not_before = now() where status = 'queued'`);
  desk = { ...desk, permit: (write) => write() };
  expect(await work(run, 'slice', 1)).toMatchObject({ kind: 'done', result: { documents: { read: 10 } } });
});

describe('a run that is cancelled by force between its swap and the record of it', () => {
  /** A second rebuild that has made its swap. */
  async function swapped(): Promise<number> {
    await rebuild();
    const run = await open();
    await work(run, 'plan', 0);
    await work(run, 'slice', 1);
    const finish = await t.claim(desk.worker, run, 'finish', 0);
    const { sink } = await indexes();
    const to = { index: 'books', name: finish.generation?.name ?? '' };
    await sink.settle(to, signal);
    await advancePhase(t.ledger, finish, 'caught-up');
    await advancePhase(t.ledger, finish, 'verified');
    await sink.promote(to, await sink.live('books', signal), signal);
    await cancelRun(t.ledger, run, true);
    return run;
  }

  it('leaves what the sink shows live in the ledger, and drops nothing of it', async () => {
    const run = await swapped();
    await dropGenerations(desk.context, await indexes(), 2, signal);
    const [live] = await readGenerations(t.ledger, 'books', ['live']);
    expect(live).toMatchObject({ run, epoch: 2, number: 2 });
    expect(await readGenerations(t.ledger, 'books', ['retained'])).toMatchObject([{ number: 1 }]);
    expect(await (await indexes()).sink.live('books', signal)).toEqual({
      generation: { index: 'books', name: live?.name },
      epoch: 2,
    });
    expect((await readRun(t.ledger, run))?.state).toBe('cancelled');
  });

  it('does not keep the next rebuild from its swap', async () => {
    await swapped();
    const next = await rebuild();
    expect((await readRun(t.ledger, next))?.state).toBe('completed');
    expect(await readGenerations(t.ledger, 'books', ['live'])).toMatchObject([{ run: next, epoch: 3 }]);
  });

  it('drops a generation whose swap was not made', async () => {
    await rebuild();
    const run = await open();
    await work(run, 'plan', 0);
    await work(run, 'slice', 1);
    const finish = await t.claim(desk.worker, run, 'finish', 0);
    await advancePhase(t.ledger, finish, 'caught-up');
    await advancePhase(t.ledger, finish, 'verified');
    await cancelRun(t.ledger, run, true);
    expect(await dropGenerations(desk.context, await indexes(), 2, signal)).toBe(1);
    expect(await readGenerations(t.ledger, 'books', ['live', 'dropped'])).toMatchObject([
      { number: 1, state: 'live' },
      { number: 2, state: 'dropped' },
    ]);
  });
});
