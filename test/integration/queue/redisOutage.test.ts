import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UnavailableError } from '../../../packages/core/src/index.ts';
import { type Delivery, openTaskQueue, type TaskQueue } from '../../../packages/queue/src/index.ts';
import { eventually } from '../../support/eventually.ts';
import { canStartRedis, type PrivateRedis, startPrivateRedis } from '../../support/privateRedis.ts';
import { delivery } from './delivery.ts';
import { gate } from './gate.ts';

const done = { kind: 'done', result: null } as const;

/** When its server is back: clients ask again every 2 s at the latest (see clientOptions.test.ts). */
const SOON_MS = 30_000;

describe.skipIf(!canStartRedis)('a Redis in trouble', () => {
  let redis: PrivateRedis;
  let queue: TaskQueue;
  const errors: Error[] = [];
  const debug: Error[] = [];

  beforeEach(async () => {
    redis = await startPrivateRedis();
    errors.length = 0;
    debug.length = 0;
    const listeners = { onError: (error: Error) => errors.push(error), onDebug: (error: Error) => debug.push(error) };
    queue = await openTaskQueue({
      url: redis.url,
      prefix: '{queue}',
      lockDurationMs: 2_000,
      stalledIntervalMs: 500,
      ...listeners,
    });
  });
  afterEach(async () => {
    await queue.close();
    await redis.stop();
  });

  /** One whose end is not written down when the server goes is delivered again. */
  const ended = (tasks: readonly Delivery[]) =>
    eventually(async () => expect(await queue.present(tasks)).toEqual(tasks.map(() => false)));

  it('is emptied in the middle of a task: the process lives, and goes on', async () => {
    await queue.setEpoch('before');
    const [entered, aborted] = [gate(), gate()];
    const seen: number[] = [];
    queue.consumeTasks('cities', 'bulk', 1, async ({ number }, { signal, progress }) => {
      seen.push(number);
      if (number > 1) return done;
      entered.open();
      progress({ progress: 1 });
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      aborted.open();
      return done;
    });
    await queue.deliver([delivery({ number: 1 })]);
    await entered.opened;
    await redis.command('FLUSHALL');
    // The lock is gone: the task is told at the next renewal.
    await aborted.opened;
    expect(await queue.epoch()).toBeNull();
    await queue.setEpoch('after');
    const everyHour = { kind: 'every', everyMs: 3_600_000, offsetMs: 0 } as const;
    await queue.applySchedules([{ index: 'cities', lane: 'rebuild', shard: -1, schedule: everyHour }]);
    expect(await queue.schedules()).toHaveLength(1);
    await queue.deliver([delivery({ number: 2 })]);
    await eventually(() => expect(seen).toEqual([1, 2]));
    expect(debug.length).toBeGreaterThan(0);
  });

  it('is killed and comes back: the consumer goes on soon, nothing is lost', async () => {
    const seen: number[] = [];
    queue.consumeTasks('cities', 'bulk', 2, async ({ number }) => {
      seen.push(number);
      return done;
    });
    await queue.deliver([delivery({ number: 1 }), delivery({ number: 2, delayMs: 200 })]);
    await eventually(() => expect(seen).toEqual([1, 2]));
    await ended([delivery({ number: 1 }), delivery({ number: 2 })]);
    await queue.deliver([delivery({ number: 3, delayMs: 1_000 })]);
    await redis.kill();
    await eventually(() => expect(errors.length).toBeGreaterThan(0));
    await redis.start();
    const back = Date.now();
    await queue.deliver([delivery({ number: 4 })]);
    await eventually(() => expect(seen.toSorted()).toEqual([1, 2, 3, 4]));
    expect(Date.now() - back).toBeLessThan(SOON_MS);
    expect(errors.length).toBeLessThan(6);
  });

  it('is away for 20 s: that is one line, then counts, and work goes on soon after it is back', async () => {
    const seen: number[] = [];
    queue.consumeTasks('cities', 'bulk', 2, async ({ number }) => {
      seen.push(number);
      return done;
    });
    // The second is due while it is away.
    await queue.deliver([delivery({ number: 1 }), delivery({ number: 2, delayMs: 15_000 })]);
    await eventually(() => expect(seen).toEqual([1]));
    await ended([delivery({ number: 1 })]);
    await redis.kill();
    const down = Date.now();
    await eventually(() => expect(Date.now() - down).toBeGreaterThan(20_000));
    // One at once, and the number of the rest in each 10 s; for a log they need no stack.
    expect(errors.every((error) => error instanceof UnavailableError)).toBe(true);
    expect(errors[0]?.message).toMatch(/^The queue could not be reached: /);
    expect(errors.slice(1).every(({ message }) => / \(\d+ more like it\)$/.test(message))).toBe(true);
    expect(errors.length).toBeLessThanOrEqual(1 + Math.floor((Date.now() - down) / 10_000));
    await redis.start();
    const back = Date.now();
    await eventually(() => expect(seen).toEqual([1, 2]));
    expect(Date.now() - back).toBeLessThan(SOON_MS);
  });

  it('is away: questions are refused in time, and a consumer can still be ended', async () => {
    const entered = gate();
    const consumer = queue.consumeTasks('cities', 'bulk', 1, async (_, { signal }) => {
      entered.open();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return done;
    });
    await queue.deliver([delivery()]);
    await entered.opened;
    await redis.kill();
    await expect(queue.ping()).rejects.toBeInstanceOf(UnavailableError);
    await consumer.kill();
    await queue.close();
  });

  it('is away while a consumer stops: ending it by force ends the wait too', async () => {
    const [entered, leave] = [gate(), gate()];
    const consumer = queue.consumeTasks('cities', 'bulk', 1, async () => {
      entered.open();
      await leave.opened;
      return done;
    });
    await queue.deliver([delivery()]);
    await entered.opened;
    await redis.kill();
    const stopped = consumer.stop();
    leave.open();
    await consumer.kill();
    await stopped;
  });

  it('is full: few errors, and work goes on when there is room again', async () => {
    const seen: number[] = [];
    await queue.deliver(Array.from({ length: 20 }, (_, n) => delivery({ number: n + 1 })));
    await redis.command('CONFIG SET maxmemory 1');
    const error = await queue.deliver([delivery({ number: 21 })]).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnavailableError);
    const started = Date.now();
    const before = process.cpuUsage();
    queue.consumeTasks('cities', 'bulk', 4, async ({ number }) => {
      seen.push(number);
      return done;
    });
    await eventually(() => expect(Date.now() - started).toBeGreaterThan(3_000));
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan((Date.now() - started) / 2);
    await eventually(() => expect(errors.length).toBeGreaterThan(0));
    expect(errors.length).toBeLessThan(10);
    const stats = await redis.errors('OOM');
    expect(stats).toBeGreaterThan(0);
    // Without a rest a worker asks thousands of times in 3 s.
    expect(stats).toBeLessThan((200 * (Date.now() - started)) / 3_000);
    expect(seen).toEqual([]);
    await redis.command('CONFIG SET maxmemory 0');
    await eventually(() => expect(seen).toHaveLength(20));
  });

  it('evicts keys: that is reported once, with the remedy', async () => {
    await redis.command('CONFIG SET maxmemory-policy allkeys-lru');
    expect(await queue.health()).toMatchObject([{ code: 'redis-eviction' }]);
    const other = await openTaskQueue({ url: redis.url, prefix: 'other', onError: (error) => errors.push(error) });
    await eventually(() => expect(errors).toHaveLength(1));
    await other.close();
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringMatching(/allkeys-lru.*Set maxmemory-policy noeviction/),
    ]);
  });
});
