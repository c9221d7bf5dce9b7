import type { Queue } from 'bullmq';
import { expect, it } from 'vitest';
import type { TaskQueue } from '../../../packages/queue/src/index.ts';
import { until } from '../../support/until.ts';
import { describeQueue } from './backends.ts';
import { delivery } from './delivery.ts';
import { gate } from './gate.ts';

describeQueue('limits and pauses that people set in Bull Board', (on) => {
  const named = (queue: TaskQueue, name: string): Queue => {
    const found = queue.boardQueues(['cities']).find((one) => one.name === name);
    if (found === undefined) throw new Error(`there is no queue ${name}`);
    return found.queue;
  };

  it('are told by queue, and gone when they are taken away', async () => {
    const queue = await on.open();
    expect(await queue.limits(['cities'])).toEqual([]);
    await named(queue, 'cities.bulk').setGlobalConcurrency(2);
    await named(queue, 'ticks').setGlobalRateLimit(5, 60_000);
    expect(await queue.limits(['cities'])).toEqual([
      { queue: 'ticks', index: null, concurrency: null, rate: { max: 5, durationMs: 60_000 }, waitMs: 0 },
      { queue: 'cities.bulk', index: 'cities', concurrency: 2, rate: null, waitMs: 0 },
    ]);
    await named(queue, 'cities.bulk').removeGlobalConcurrency();
    await named(queue, 'ticks').removeGlobalRateLimit();
    expect(await queue.limits(['cities'])).toEqual([]);
  });

  it('say how long nothing begins, once a rate is used up', async () => {
    const queue = await on.open();
    await named(queue, 'cities.bulk').setGlobalRateLimit(1, 60_000);
    const ran = gate();
    queue.consumeTasks('cities', 'bulk', 1, async () => {
      ran.open();
      return { kind: 'done', result: null };
    });
    await queue.deliver([delivery({ number: 1 }), delivery({ number: 2 })]);
    await ran.opened;
    const limit = await until('the rate is used up', async () =>
      (await queue.limits(['cities'])).find(({ waitMs }) => waitMs > 0),
    );
    expect(limit).toMatchObject({ queue: 'cities.bulk', rate: { max: 1, durationMs: 60_000 } });
    expect(limit.waitMs).toBeLessThanOrEqual(60_000);
  });

  it('paused ticks are told, and resumed', async () => {
    const queue = await on.open();
    expect(await queue.ticksPaused()).toBe(false);
    await named(queue, 'ticks').pause();
    expect(await queue.ticksPaused()).toBe(true);
    await queue.resumeTicks();
    expect(await queue.ticksPaused()).toBe(false);
  });
});
