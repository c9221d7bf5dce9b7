import { expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { describeQueue } from './backends.ts';
import { delivery } from './delivery.ts';
import { gate } from './gate.ts';

const done = { kind: 'done', result: null } as const;
/** Short enough that a dead worker's jobs come back while a test waits. */
const SHORT = { lockDurationMs: 1_000, stalledIntervalMs: 300 };
/** Longer than a process of a busy machine stands still: it must renew its lock in time, and then the lock is not lost. */
const RENEWED = { lockDurationMs: 8_000, stalledIntervalMs: 300 };

describeQueue('losing a consumer', (on) => {
  it('delivers the jobs of a dead one to another', async () => {
    const [dying, living] = [await on.open(SHORT), await on.open(SHORT)];
    await dying.deliver([delivery()]);
    const [entered, never, aborted] = [gate(), gate(), gate()];
    const consumer = dying.consumeTasks('cities', 'bulk', 1, async (_, { signal }) => {
      signal.addEventListener('abort', () => aborted.open());
      entered.open();
      await never.opened;
      return done;
    });
    await entered.opened;
    await consumer.kill();
    await aborted.opened;
    const again = gate<number>();
    living.consumeTasks('cities', 'bulk', 1, async ({ delivery: nth }) => {
      again.open(nth);
      return done;
    });
    expect(await again.opened).toBe(1);
    never.open();
  });

  it('delivers again as often as it is lost', async () => {
    const queue = await on.open(SHORT);
    await queue.deliver([delivery()]);
    for (let death = 0; death < 3; death += 1) {
      const entered = gate();
      const consumer = queue.consumeTasks('cities', 'bulk', 1, async (_, { signal }) => {
        entered.open();
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        return done;
      });
      await entered.opened;
      await consumer.kill();
    }
    const ran = gate();
    queue.consumeTasks('cities', 'bulk', 1, async () => {
      ran.open();
      return done;
    });
    await ran.opened;
    await eventually(async () => expect(await queue.present([delivery()])).toEqual([false]));
  });

  it('keeps a long task locked: nobody else gets it', async () => {
    const [a, b] = [await on.open(RENEWED), await on.open(RENEWED)];
    await a.deliver([delivery()]);
    let runs = 0;
    const started = Date.now();
    const handle = async () => {
      runs += 1;
      await eventually(() => expect(Date.now() - started).toBeGreaterThan(RENEWED.lockDurationMs * 1.5));
      return done;
    };
    a.consumeTasks('cities', 'bulk', 1, handle);
    b.consumeTasks('cities', 'bulk', 1, handle);
    await eventually(async () => expect(await a.present([delivery()])).toEqual([false]));
    expect(runs).toBe(1);
  });

  it('tells a worker whose main thread hung, and lets it break nothing', async () => {
    const debug: Error[] = [];
    const [hung, other] = [
      await on.open({ ...RENEWED, onDebug: (error) => debug.push(error) }),
      await on.open(RENEWED),
    ];
    await hung.deliver([delivery()]);
    const [stale, fresh, lost] = [gate(), gate(), gate()];
    const board = other.boardQueues(['cities'])[2]?.queue;
    // The job's lock is taken away as it runs out: both workers of this test share one main thread.
    hung.consumeTasks('cities', 'bulk', 1, async (_, { signal, progress, log }) => {
      stale.open();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      lost.open();
      progress({ progress: 99 });
      log('from the stale one');
      return { kind: 'again', delayMs: 0 };
    });
    await stale.opened;
    const job = await board?.getJob('k3f9.s1.1');
    await job?.moveToWait('0');
    other.consumeTasks('cities', 'bulk', 1, async (_, { progress }) => {
      progress({ progress: 1 });
      fresh.open();
      await lost.opened;
      return { kind: 'done', result: 'fresh' };
    });
    await fresh.opened;
    await eventually(async () => expect(await other.present([delivery()])).toEqual([false]));
    const after = await board?.getJob('k3f9.s1.1');
    expect(after).toMatchObject({ returnvalue: 'fresh', progress: { progress: 1 } });
    expect((await board?.getJobLogs('k3f9.s1.1'))?.logs).toEqual([]);
    expect(debug.length).toBeGreaterThan(0);
    expect(on.errors).toEqual([]);
  });

  it('stops gently: no new job, and those under way end', async () => {
    const queue = await on.open();
    await queue.deliver([delivery({ number: 1 }), delivery({ number: 2 })]);
    const [entered, leave] = [gate(), gate()];
    const seen: number[] = [];
    const consumer = queue.consumeTasks('cities', 'bulk', 1, async ({ number }) => {
      seen.push(number);
      entered.open();
      await leave.opened;
      return done;
    });
    await entered.opened;
    const stopped = consumer.stop();
    leave.open();
    await stopped;
    expect(seen).toEqual([1]);
    expect(await queue.present([delivery({ number: 1 }), delivery({ number: 2 })])).toEqual([false, true]);
    await queue.deliver([delivery({ number: 3 })]);
    expect(seen).toEqual([1]);
  });

  it('gives a job back while it stops', async () => {
    const queue = await on.open();
    await queue.deliver([delivery()]);
    const entered = gate();
    const leave = gate();
    const consumer = queue.consumeTasks('cities', 'bulk', 1, async () => {
      entered.open();
      await leave.opened;
      return { kind: 'again', delayMs: 0 };
    });
    await entered.opened;
    const stopped = consumer.stop();
    leave.open();
    await stopped;
    const again = gate();
    queue.consumeTasks('cities', 'bulk', 1, async () => {
      again.open();
      return done;
    });
    await again.opened;
  });

  it('can be ended by force while it stops gently', async () => {
    const [dying, living] = [await on.open(SHORT), await on.open(SHORT)];
    await dying.deliver([delivery()]);
    const [entered, never] = [gate(), gate()];
    const consumer = dying.consumeTasks('cities', 'bulk', 1, async () => {
      entered.open();
      await never.opened;
      return done;
    });
    await entered.opened;
    const stopped = consumer.stop();
    await consumer.kill();
    const again = gate();
    living.consumeTasks('cities', 'bulk', 1, async () => {
      again.open();
      return done;
    });
    await again.opened;
    never.open();
    await stopped;
  });

  it('runs more consumers than it keeps connections for questions', async () => {
    const queue = await on.open();
    const indexes = Array.from({ length: 14 }, (_, n) => `index${n}`);
    const seen = new Set<string>();
    for (const index of indexes) {
      queue.consumeTasks(index, 'bulk', 1, async (task) => {
        seen.add(task.index);
        return done;
      });
    }
    await queue.deliver(indexes.map((index) => delivery({ index })));
    await eventually(() => expect(seen.size).toBe(14));
  });
});
