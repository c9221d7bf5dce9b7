import { expect, it } from 'vitest';
import type { TaskQueue, TaskRef } from '../../../packages/queue/src/index.ts';
import { eventually } from '../../support/eventually.ts';
import { describeQueue } from './backends.ts';
import { delivery } from './delivery.ts';
import { gate } from './gate.ts';

/** BullMQ's object for the bulk queue, to look at jobs as Bull Board does. */
function bulk(queue: TaskQueue) {
  const found = queue.boardQueues(['cities']).find(({ name }) => name === 'cities.bulk');
  if (found === undefined) throw new Error('no cities.bulk');
  return found.queue;
}

async function counts(queue: TaskQueue): Promise<Record<string, number>> {
  const all = (await queue.counts(['cities'])).filter((count) => count.queue === 'cities.bulk' && count.count > 0);
  return Object.fromEntries(all.map(({ state, count }) => [state, count]));
}

const done = { kind: 'done', result: null } as const;

describeQueue('tasks', (on) => {
  it('hands over what was delivered, with names that people can read', async () => {
    const queue = await on.open();
    await queue.deliver([delivery({ number: 3 })]);
    const task = gate<TaskRef>();
    queue.consumeTasks('cities', 'bulk', 1, async (ref) => {
      task.open(ref);
      return { kind: 'done', result: { written: 7 } };
    });
    expect(await task.opened).toEqual({ index: 'cities', run: 12, kind: 'slice', number: 3, delivery: 1 });
    await eventually(async () => expect(await counts(queue)).toEqual({ completed: 1 }));
    const job = await bulk(queue).getJob('k3f9.s3.1');
    expect(job).toMatchObject({ name: 'cities · rebuild #12 · slice 3/16', returnvalue: { written: 7 } });
  });

  it('makes one job of the same delivery, twice at once and after it is finished', async () => {
    const [a, b] = [await on.open(), await on.open()];
    const many = Array.from({ length: 1_200 }, (_, n) => delivery({ number: n + 1 }));
    await Promise.all([a.deliver(many), b.deliver(many)]);
    expect(await counts(a)).toEqual({ waiting: 1_200 });

    const seen: number[] = [];
    await a.deliver([delivery({ index: 'towns', number: 1 })]);
    a.consumeTasks('towns', 'bulk', 1, async ({ number }) => {
      seen.push(number);
      return done;
    });
    await eventually(() => expect(seen).toEqual([1]));
    await a.deliver([delivery({ index: 'towns', number: 1 }), delivery({ index: 'towns', number: 2 })]);
    await eventually(() => expect(seen).toEqual([1, 2]));
    await a.deliver([delivery({ index: 'towns', number: 1, delivery: 2 })]);
    await eventually(() => expect(seen).toEqual([1, 2, 1]));
  });

  it('delivers when it is due, not before', async () => {
    const queue = await on.open();
    const started = Date.now();
    const at = gate<number>();
    queue.consumeTasks('cities', 'bulk', 1, async () => {
      at.open(Date.now() - started);
      return done;
    });
    await queue.deliver([delivery({ delayMs: 700 })]);
    expect(await at.opened).toBeGreaterThanOrEqual(690);
  });

  it('delivers the same job again after the delay, behind others, without a failed attempt', async () => {
    const queue = await on.open();
    await queue.deliver([delivery({ number: 1 }), delivery({ number: 2 })]);
    const order: number[] = [];
    const all = gate();
    queue.consumeTasks('cities', 'bulk', 1, async ({ number }) => {
      order.push(number);
      if (order.length === 1) return { kind: 'again', delayMs: 0 };
      if (order.length === 3) all.open();
      return done;
    });
    await all.opened;
    expect(order).toEqual([1, 2, 1]);
    await eventually(async () => expect(await counts(queue)).toEqual({ completed: 2 }));
    expect((await bulk(queue).getJob('k3f9.s1.1'))?.stacktrace ?? []).toEqual([]);
    expect(on.errors).toEqual([]);
  });

  it('waits as long as the verdict says before it delivers again', async () => {
    const queue = await on.open();
    await queue.deliver([delivery()]);
    const times: number[] = [];
    const twice = gate();
    queue.consumeTasks('cities', 'bulk', 1, async () => {
      times.push(Date.now());
      if (times.length === 1) return { kind: 'again', delayMs: 600 };
      twice.open();
      return done;
    });
    await twice.opened;
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(590);
  });

  it('shows a thrown error as a failed job, once', async () => {
    const queue = await on.open();
    await queue.deliver([delivery()]);
    let calls = 0;
    queue.consumeTasks('cities', 'bulk', 1, async () => {
      calls += 1;
      throw new Error('the index is gone');
    });
    await eventually(async () => expect(await counts(queue)).toEqual({ failed: 1 }));
    expect(await bulk(queue).getJob('k3f9.s1.1')).toMatchObject({ failedReason: 'the index is gone' });
    expect(calls).toBe(1);
  });

  it('fails a job that a person made wrongly, with the reason', async () => {
    const queue = await on.open();
    await bulk(queue).add('by hand', { index: 'cities', run: 'twelve' });
    queue.consumeTasks('cities', 'bulk', 1, async () => done);
    await eventually(async () => expect(await counts(queue)).toEqual({ failed: 1 }));
    const [job] = await bulk(queue).getFailed();
    expect(job?.failedReason).toMatch(/run is "twelve"/);
  });

  it('shares one queue between two processes: each task once', async () => {
    const [a, b] = [await on.open(), await on.open()];
    await a.deliver(Array.from({ length: 60 }, (_, n) => delivery({ number: n + 1 })));
    const seen: number[] = [];
    const by = { a: 0, b: 0 };
    const both = gate();
    const consume = (queue: TaskQueue, who: 'a' | 'b') =>
      queue.consumeTasks('cities', 'bulk', 2, async ({ number }) => {
        seen.push(number);
        by[who] += 1;
        if (by.a > 0 && by.b > 0) both.open();
        // Nobody may take all of them before the other has come.
        await both.opened;
        return done;
      });
    consume(a, 'a');
    consume(b, 'b');
    await eventually(async () => expect(await counts(a)).toEqual({ completed: 60 }));
    expect(seen.toSorted((x, y) => x - y)).toEqual(Array.from({ length: 60 }, (_, n) => n + 1));
  });

  it('sends progress and log lines to the job, the last value too', async () => {
    const queue = await on.open();
    await queue.deliver([delivery()]);
    queue.consumeTasks('cities', 'bulk', 1, async (_, { progress, log }) => {
      for (let n = 0; n <= 100; n += 1) progress({ progress: n, documents: n * 10 });
      log('read 1,000 rows');
      return done;
    });
    await eventually(async () => expect(await counts(queue)).toEqual({ completed: 1 }));
    expect((await bulk(queue).getJob('k3f9.s1.1'))?.progress).toEqual({ progress: 100, documents: 1_000 });
    await eventually(async () => expect((await bulk(queue).getJobLogs('k3f9.s1.1')).logs).toEqual(['read 1,000 rows']));
  });

  it('knows which deliveries are still to come, and which are not', async () => {
    const queue = await on.open();
    const [waiting, delayed, active, finished, failed, unknown, otherQueue] = [
      delivery({ number: 1 }),
      delivery({ number: 2, delayMs: 60_000 }),
      delivery({ number: 3, queue: 'live' }),
      delivery({ number: 4, queue: 'live' }),
      delivery({ number: 5, queue: 'live' }),
      delivery({ number: 6 }),
      delivery({ number: 1, queue: 'live' }),
    ] as const;
    const [entered, leave] = [gate(), gate()];
    queue.consumeTasks('cities', 'live', 1, async ({ number }) => {
      if (number === 5) throw new Error('refused');
      if (number === 3) {
        entered.open();
        await leave.opened;
      }
      return done;
    });
    await queue.deliver([waiting, delayed, finished, failed, active]);
    await entered.opened;
    const asked = [waiting, delayed, active, finished, failed, unknown, otherQueue];
    expect(await queue.present(asked)).toEqual([true, true, true, false, false, false, false]);
    await bulk(queue).pause();
    expect(await queue.present([waiting, delayed])).toEqual([true, true]);
    leave.open();
  });

  it('looks for thousands of deliveries at once', async () => {
    const queue = await on.open();
    const many = Array.from({ length: 5_000 }, (_, n) => delivery({ number: n + 1 }));
    await queue.deliver(many.filter((_, n) => n % 2 === 0));
    const found = await queue.present(many);
    expect(found.every((there, n) => there === (n % 2 === 0))).toBe(true);
  });

  it('tells which queues a person paused, and resumes them', async () => {
    const queue = await on.open();
    await bulk(queue).pause();
    expect(await queue.pausedQueues(['cities', 'towns'])).toEqual([{ index: 'cities', queue: 'bulk' }]);
    const ran = gate();
    queue.consumeTasks('cities', 'bulk', 1, async () => {
      ran.open();
      return done;
    });
    await queue.deliver([delivery()]);
    expect(await queue.present([delivery()])).toEqual([true]);
    await queue.resume('cities', 'bulk');
    await ran.opened;
    expect(await queue.pausedQueues(['cities', 'towns'])).toEqual([]);
  });

  it('gives Bull Board the queues of each index, and the ticks', async () => {
    const queue = await on.open();
    const board = queue.boardQueues(['cities', 'towns']);
    expect(board.map(({ name, index }) => [name, index])).toEqual([
      ['ticks', null],
      ['cities.live', 'cities'],
      ['cities.bulk', 'cities'],
      ['towns.live', 'towns'],
      ['towns.bulk', 'towns'],
    ]);
    expect(queue.boardQueues(['cities'])[0]?.queue).toBe(board[0]?.queue);
  });

  it('lists its workers where Bull Board looks for them', async () => {
    const queue = await on.open();
    queue.consumeTasks('cities', 'bulk', 1, async () => done);
    await eventually(async () => expect(await bulk(queue).getWorkersCount()).toBe(1));
  });
});
