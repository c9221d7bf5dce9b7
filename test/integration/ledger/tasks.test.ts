import {
  addSlices,
  checkpointSlice,
  claimTask,
  drawTicket,
  failTask,
  handBack,
  query,
  readGauges,
  readRun,
  readTroubles,
  reclaimDead,
} from '@reindeer/ledger';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planned, type TestLedger, tally, testLedger } from './fixture.ts';

let t: TestLedger;
beforeEach(async () => {
  t = await testLedger('tasks');
});
afterEach(() => t.close());

const checkpoint = (sequence: number, read: number, complete = false) => ({
  sequence,
  cursor: [String(read)],
  tally: tally(read),
  bytes: read * 10,
  failures: [],
  complete,
});

describe('claims (I3)', () => {
  it('gives a task to one of many that ask at once', async () => {
    const workers = await Promise.all(Array.from({ length: 8 }, () => t.worker()));
    const { run } = await planned(t, workers[0] as string, []);
    const claims = await Promise.all(
      workers.map((worker) =>
        claimTask(t.ledger, { run, kind: 'slice', number: 1, delivery: 1 }, { worker, definition: 1 }),
      ),
    );
    expect(claims.filter((claim) => claim.kind === 'claimed')).toHaveLength(1);
    expect(claims.filter((claim) => claim.kind === 'later' && claim.reason === 'overlap')).toHaveLength(7);
  });

  it('refuses an older delivery, another definition, and what is not there', async () => {
    const worker = await t.worker();
    const { run } = await planned(t, worker, []);
    const ask = (task: object, definition: number | null = 1) =>
      claimTask(t.ledger, { run, kind: 'slice', number: 1, delivery: 1, ...task }, { worker, definition });
    expect(await ask({ delivery: 0 })).toMatchObject({ kind: 'void', reason: 'superseded' });
    expect(await ask({ run: 999 })).toMatchObject({ kind: 'void' });
    expect(await ask({ number: 7 })).toMatchObject({ kind: 'void' });
    expect(await ask({}, 2)).toMatchObject({ kind: 'later', reason: 'definition-mismatch' });
    expect(await ask({}, null)).toMatchObject({ kind: 'later', reason: 'definition-mismatch' });
    expect(await ask({})).toMatchObject({ kind: 'claimed' });
  });

  it('deposes an owner whose lease has ended: it can draw, record and fail nothing any more', async () => {
    const worker = await t.worker();
    const { run } = await planned(t, worker, []);
    const dying = await t.worker(0);
    const lost = await t.claim(dying, run, 'slice', 1);
    expect(await checkpointSlice(t.ledger, lost, checkpoint(1, 5))).toMatchObject({ kind: 'recorded' });
    const heir = await t.claim(worker, run, 'slice', 1);
    expect(heir).toMatchObject({ claimNumber: 2, checkpoint: 1, cursor: ['5'], tally: { read: 5 } });

    await expect(drawTicket(t.ledger, lost)).rejects.toMatchObject({ reason: 'lost-claim' });
    expect(await checkpointSlice(t.ledger, lost, checkpoint(2, 9))).toEqual({ kind: 'lost' });
    expect(await handBack(t.ledger, lost, { delayMs: 0, failure: null })).toBeNull();
    expect(await failTask(t.ledger, lost, { reason: 'error', error: 'late' })).toBe(false);
    expect(await checkpointSlice(t.ledger, heir, checkpoint(2, 7))).toMatchObject({ kind: 'recorded' });
    expect((await readRun(t.ledger, run))?.documents.read).toBe(7);
  });
});

describe('checkpoints', () => {
  it('may be sent again when their outcome is not known: nothing is counted twice', async () => {
    const worker = await t.worker();
    const { run } = await planned(t, worker, ['50']);
    const slice = await t.claim(worker, run, 'slice', 1);
    const failures = [{ document: 'x', reason: 'bad', detail: 'very', fingerprint: 'f' }];
    const first = { ...checkpoint(1, 10), failures };
    await checkpointSlice(t.ledger, slice, first);
    expect(await checkpointSlice(t.ledger, slice, first)).toMatchObject({ kind: 'recorded' });
    const last = checkpoint(2, 50, true);
    await checkpointSlice(t.ledger, slice, last);
    expect(await checkpointSlice(t.ledger, slice, last)).toMatchObject({ kind: 'recorded', finish: null });
    const [row] = await query<{ n: number }>(t.ledger, `select count(*)::int as n from failures where run = $1`, [run]);
    expect(row?.n).toBe(1);
    expect(await readRun(t.ledger, run)).toMatchObject({ documents: { read: 50 }, slices: { completed: 1, total: 2 } });
  });

  it('do not go back: a late one with an older number is lost', async () => {
    const worker = await t.worker();
    const { run } = await planned(t, worker, []);
    const slice = await t.claim(worker, run, 'slice', 1);
    for (const sequence of [1, 2, 3]) await checkpointSlice(t.ledger, slice, checkpoint(sequence, sequence * 10));
    expect(await checkpointSlice(t.ledger, slice, checkpoint(1, 10))).toEqual({ kind: 'lost' });
    expect(await checkpointSlice(t.ledger, slice, checkpoint(5, 50))).toEqual({ kind: 'lost' });
    expect((await readRun(t.ledger, run))?.documents.read).toBe(30);
  });

  it('move the run to its finish exactly once, whichever slice is last', async () => {
    const worker = await t.worker();
    const { run } = await planned(t, worker, ['10', '20', '30', '40', '50', '60', '70']);
    const slices = await Promise.all(Array.from({ length: 8 }, (_, at) => t.claim(worker, run, 'slice', at + 1)));
    const results = await Promise.all(slices.map((slice) => checkpointSlice(t.ledger, slice, checkpoint(1, 10, true))));
    const finishes = results.filter((result) => result.kind === 'recorded' && result.finish !== null);
    expect(finishes).toHaveLength(1);
    expect((await readRun(t.ledger, run))?.state).toBe('catching_up');
  });

  it('of the last slice wait for the planner: no finish before all slices are planned', async () => {
    const worker = await t.worker();
    const opened = await t.openRun();
    if (opened.kind !== 'opened') throw new Error(opened.kind);
    const plan = await t.claim(worker, opened.run, 'plan', 0);
    await addSlices(t.ledger, plan, [{ number: 1, shard: 0, after: null, upTo: ['5'], estimate: 5 }]);
    const slice = await t.claim(worker, opened.run, 'slice', 1);
    expect(await checkpointSlice(t.ledger, slice, checkpoint(1, 5, true))).toMatchObject({ finish: null });
    expect((await readRun(t.ledger, opened.run))?.state).toBe('building');
  });
});

describe('dead owners', () => {
  it('are found by their lease; a task that kills its worker again and again ends its run', async () => {
    const worker = await t.worker();
    const { run } = await planned(t, worker, []);
    for (let death = 1; death <= 3; death += 1) {
      await t.claim(await t.worker(0), run, 'slice', 1, death);
      const reclaimed = await reclaimDead(t.ledger, 3);
      if (death < 3)
        expect(reclaimed).toMatchObject({ failed: [], due: [{ kind: 'slice', number: 1, delivery: death + 1 }] });
      else expect(reclaimed).toMatchObject({ failed: [run], due: [] });
    }
    expect(await readRun(t.ledger, run)).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('lost its worker 3 times'),
    });
  });

  it('leave a living worker alone', async () => {
    const worker = await t.worker();
    const { run } = await planned(t, worker, []);
    await t.claim(worker, run, 'slice', 1);
    expect(await reclaimDead(t.ledger, 3)).toEqual({ due: [], failed: [] });
  });
});

describe('a task that fails again and again', () => {
  it('has had no progress since its first failure, whoever claims it, until it gets on', async () => {
    const worker = await t.worker();
    const { run } = await planned(t, worker, []);
    await handBack(t.ledger, await t.claim(worker, run, 'slice', 1), { delayMs: 0, failure: { error: 'away' } });
    await query(t.ledger, `update tasks set failing_since = now() - interval '1 hour' where kind = 'slice'`);
    expect((await readGauges(t.ledger)).progressAgeSeconds).toBeGreaterThan(3_599);
    const again = await t.claim(worker, run, 'slice', 1);
    expect((await readGauges(t.ledger)).progressAgeSeconds).toBeGreaterThan(3_599);
    await handBack(t.ledger, again, { delayMs: 0, failure: { error: 'still away' } });
    const [trouble] = await readTroubles(t.ledger);
    expect(trouble).toMatchObject({ run, attempts: 2, error: 'still away' });
    expect(Date.parse(trouble?.since ?? '')).toBeLessThan(Date.now() - 3_590_000);

    const third = await t.claim(worker, run, 'slice', 1);
    await checkpointSlice(t.ledger, third, checkpoint(1, 5));
    expect(await readTroubles(t.ledger)).toEqual([]);
    expect((await readGauges(t.ledger)).progressAgeSeconds).toBeLessThan(60);
  });
});
