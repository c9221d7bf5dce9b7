import pg from 'pg';
import { expect, it } from 'vitest';
import { UnavailableError } from '../../../packages/core/src/index.ts';
import type { ScheduleEntry, TaskQueue } from '../../../packages/queue/src/index.ts';
import { schemaName } from '../../../packages/queue/src/postgres/schemaName.ts';
import { eventually } from '../../support/eventually.ts';
import { describeQueue } from './backends.ts';
import { delivery } from './delivery.ts';

const hourly: ScheduleEntry = {
  index: 'cities',
  lane: 'rebuild',
  shard: -1,
  schedule: { kind: 'every', everyMs: 3_600_000, offsetMs: 60_000 },
};
interface Keys {
  keys(pattern: string): Promise<string[]>;
  del(...keys: string[]): Promise<number>;
}

const done = { kind: 'done', result: null } as const;

describeQueue('the epoch', (on) => {
  /** As FLUSHALL does, within this suite's part of the server. */
  async function loseAll(queue: TaskQueue): Promise<void> {
    if (queue.backend === 'postgres') {
      const client = new pg.Client({ connectionString: on.url });
      await client.connect();
      await client.query(`drop schema ${pg.escapeIdentifier(schemaName(on.prefix))} cascade`);
      await client.end();
      return;
    }
    // BullMQ's type leaves it out.
    const client = (await queue.boardQueues([])[0]?.queue.getBackend().client) as unknown as Keys;
    const keys = await client.keys(`${on.prefix}:*`);
    await client.del(...keys);
  }

  it('is kept, replaced and seen by all', async () => {
    const [a, b] = [await on.open(), await on.open()];
    expect(await a.epoch()).toBeNull();
    await a.setEpoch('k3f9');
    expect(await b.epoch()).toBe('k3f9');
    await b.setEpoch('x7q2');
    expect(await a.epoch()).toBe('x7q2');
    expect(await (await on.open({ prefix: `${on.prefix}-other` })).epoch()).toBeNull();
  });

  it('is lost with the data, and a new one makes all work again, consumers too', async () => {
    const queue = await on.open();
    await queue.setEpoch('before');
    await queue.applySchedules([hourly]);
    const seen: number[] = [];
    queue.consumeTasks('cities', 'bulk', 2, async ({ number }) => {
      seen.push(number);
      return done;
    });
    await queue.deliver([delivery({ number: 1 }), delivery({ number: 2, delayMs: 60_000 })]);
    await eventually(() => expect(seen).toEqual([1]));
    await loseAll(queue);
    expect(await queue.epoch()).toBeNull();
    await queue.setEpoch('after');
    expect(await queue.epoch()).toBe('after');
    expect(await queue.present([delivery({ number: 2 })])).toEqual([false]);
    expect(await queue.applySchedules([hourly])).toEqual({ added: 1, changed: 0, removed: 0 });
    await queue.deliver([delivery({ number: 3 })]);
    await eventually(() => expect(seen).toEqual([1, 3]));
  });

  it('opens for several processes at once', async () => {
    const opened = await Promise.all(Array.from({ length: 6 }, () => on.open()));
    await opened[0]?.setEpoch('k3f9');
    expect(await Promise.all(opened.map((queue) => queue.epoch()))).toEqual(Array(6).fill('k3f9'));
  });

  it('refuses to open what does not answer, and says so', async () => {
    const url = new URL(on.url);
    url.port = '1';
    const error = await on.open({ url: url.href }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnavailableError);
    expect(error).toMatchObject({
      reason: 'queue-unavailable',
      message: expect.stringMatching(/could not be opened: .*ECONNREFUSED/),
    });
  });

  it('answers a ping and is in good health', async () => {
    const queue = await on.open();
    await queue.ping();
    const dangers = (await queue.health()).filter(({ severity }) => severity === 'danger');
    expect(dangers).toEqual([]);
    expect(on.errors).toEqual([]);
  });
});
