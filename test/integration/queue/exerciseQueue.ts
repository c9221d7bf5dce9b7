import { expect } from 'vitest';
import type { ScheduleEntry, TaskQueue } from '../../../packages/queue/src/index.ts';
import { until } from '../../support/until.ts';
import { delivery } from './delivery.ts';

const done = { kind: 'done', result: null } as const;
const everySecond: ScheduleEntry = {
  ...{ index: 'cities', lane: 'rebuild', shard: -1 },
  schedule: { kind: 'every', everyMs: 1_000, offsetMs: 0 },
};
const nightly: ScheduleEntry = {
  ...{ index: 'towns', lane: 'refresh', shard: 3 },
  schedule: { kind: 'cron', cron: '0 3 * * *', timezone: 'Europe/Berlin' },
};

/**
 * All that the apps and Bull Board ask of a queue, once: a server that is set up in a special way passes this, or it
 * does not serve. `flush` empties the server.
 */
export async function exerciseQueue(queue: TaskQueue, flush: () => Promise<unknown>): Promise<void> {
  const seen: string[] = [];
  const ticks: string[] = [];
  const gaveBack = new Set<number>();
  queue.consumeTasks('cities', 'bulk', 2, async ({ run, number }, { progress, log }) => {
    progress({ progress: 50 });
    log(`slice ${number}`);
    if (number === 2 && !gaveBack.has(run)) {
      gaveBack.add(run);
      return { kind: 'again', delayMs: 100 };
    }
    if (number === 3) throw new Error('a final failure');
    seen.push(`${run}.${number}`);
    return done;
  });
  queue.consumeTicks(1, async ({ index, lane }) => {
    ticks.push(`${index} ${lane}`);
  });

  for (const run of [1, 2]) {
    expect(await queue.epoch()).toBeNull();
    await queue.setEpoch(`epoch ${run}`);
    expect(await queue.epoch()).toBe(`epoch ${run}`);

    expect(await queue.applySchedules([everySecond, nightly])).toEqual({ added: 2, changed: 0, removed: 0 });
    expect(await queue.schedules()).toHaveLength(2);
    ticks.length = 0;
    await until('a tick', async () => ticks.includes('cities rebuild'));
    expect(await queue.applySchedules([nightly])).toEqual({ added: 0, changed: 0, removed: 1 });

    const slices = [1, 2, 3, 4].map((number) => delivery({ run, number, delayMs: number === 4 ? 300 : 0 }));
    await queue.deliver(slices);
    await until('all slices', async () => [1, 2, 4].every((number) => seen.includes(`${run}.${number}`)));
    await until('no slice left', async () => (await queue.present(slices)).every((there) => !there));
    await queue.deliver(slices);
    expect(await queue.present(slices)).toEqual([false, false, false, false]);

    await lookAsBullBoard(queue);
    expect(await queue.health()).toEqual([]);
    await flush();
  }
}

/** What a person does in Bull Board. */
async function lookAsBullBoard(queue: TaskQueue): Promise<void> {
  const board = queue.boardQueues(['cities']).find(({ name }) => name === 'cities.bulk')?.queue;
  if (board === undefined) throw new Error('cities.bulk is not on the board.');
  const counts = await queue.counts(['cities']);
  expect(counts).toContainEqual({ queue: 'cities.bulk', state: 'failed', count: 1 });
  const [failed] = await board.getJobs(['failed', 'completed', 'waiting', 'delayed', 'active']);
  expect(failed?.id).toBeDefined();
  expect((await board.getJobLogs(failed?.id ?? '')).logs.length).toBeGreaterThan(0);
  expect((await board.getWorkers()).length).toBeGreaterThan(0);
  await board.getMetrics('completed');
  await board.getGlobalConcurrency();
  await board.pause();
  expect(await queue.pausedQueues(['cities'])).toEqual([{ index: 'cities', queue: 'bulk' }]);
  await queue.resume('cities', 'bulk');
  await board.retryJobs({ state: 'failed' });
  await until('the retried job has failed again', async () => (await board.getJobCounts()).failed === 1);
  const added = await board.add('by hand', {}, { delay: 3_600_000 });
  await added.remove();
  await board.clean(0, 100, 'completed');
  await board.drain();
}
