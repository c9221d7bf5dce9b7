import pg from 'pg';
import { expect, it, vi } from 'vitest';
import { InputError } from '../../../packages/core/src/index.ts';
import type { ScheduleEntry, TaskQueue, TickRef } from '../../../packages/queue/src/index.ts';
import { schemaName } from '../../../packages/queue/src/postgres/schemaName.ts';
import { eventually } from '../../support/eventually.ts';
import { describeQueue } from './backends.ts';
import { gate } from './gate.ts';

const HOUR = 3_600_000;

function every(everyMs: number, offsetMs = 0, different: Partial<TickRef> = {}): ScheduleEntry {
  const schedule = { kind: 'every', everyMs, offsetMs } as const;
  return { index: 'cities', lane: 'rebuild', shard: -1, schedule, ...different };
}
function cron(expression: string, timezone: string): ScheduleEntry {
  const schedule = { kind: 'cron', cron: expression, timezone } as const;
  return { index: 'cities', lane: 'rebuild', shard: -1, schedule };
}
/** Ticks that are there in any state, as Bull Board counts them. */
async function tickJobs(queue: TaskQueue): Promise<Record<string, number>> {
  const counts = (await queue.counts([])).filter(({ count }) => count > 0);
  return Object.fromEntries(counts.map(({ state, count }) => [state, count]));
}
const nextOf = async (queue: TaskQueue) => (await queue.schedules()).map(({ next }) => next);

describeQueue('schedules', (on) => {
  it('adds, leaves alone, changes and removes, and fires nothing at once', async () => {
    const queue = await on.open();
    const shard = (n: number) => every(HOUR, n * 60_000, { lane: 'refresh', shard: n });
    expect(await queue.applySchedules([every(HOUR), shard(1), shard(2)])).toEqual({ added: 3, changed: 0, removed: 0 });
    expect(await queue.applySchedules([every(HOUR), shard(1), shard(2)])).toEqual({ added: 0, changed: 0, removed: 0 });
    const changed = [every(2 * HOUR), every(HOUR, 90_000, { lane: 'refresh', shard: 1 })];
    expect(await queue.applySchedules(changed)).toEqual({ added: 0, changed: 2, removed: 1 });
    expect(await queue.applySchedules(changed)).toEqual({ added: 0, changed: 0, removed: 0 });
    const stored = (await queue.schedules()).map(({ next: _, ...entry }) => entry);
    expect(stored).toHaveLength(2);
    expect(stored).toEqual(expect.arrayContaining(changed));
    expect(await tickJobs(queue)).toEqual({ delayed: 2 });
  });

  it('shows schedules with names that people can read', async () => {
    const queue = await on.open();
    await queue.applySchedules([every(HOUR), every(HOUR, 0, { lane: 'refresh', shard: 3 })]);
    const stored = await queue.boardQueues([])[0]?.queue.getJobSchedulers();
    expect(stored?.map(({ key, name }) => [key, name]).toSorted()).toEqual([
      ['cities.rebuild', 'cities · rebuild'],
      ['cities.refresh.3', 'cities · refresh · shard 3'],
    ]);
  });

  it('staggers by the offset: each tick on its own slot', async () => {
    const queue = await on.open();
    const offsets = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => n * 7_000);
    const began = Date.now();
    await queue.applySchedules(offsets.map((offset, n) => every(60_000, offset, { lane: 'refresh', shard: n })));
    const stored = await queue.schedules();
    expect(stored).toHaveLength(8);
    for (const { shard, next } of stored) expect((next ?? 0) % 60_000).toBe((offsets[shard] ?? 0) % 60_000);
    expect(stored.every(({ next }) => (next ?? 0) >= began)).toBe(true);
  });

  it('moves the ticks when only the offset changes', async () => {
    const queue = await on.open();
    await queue.applySchedules([every(HOUR, 10_000)]);
    expect((await nextOf(queue)).map((next) => (next ?? 0) % HOUR)).toEqual([10_000]);
    await queue.applySchedules([every(HOUR, 20_000)]);
    expect((await nextOf(queue)).map((next) => (next ?? 0) % HOUR)).toEqual([20_000]);
    expect(await tickJobs(queue)).toEqual({ delayed: 1 });
  });

  it('knows the next time of a cron in its time zone', async () => {
    const queue = await on.open();
    await queue.applySchedules([cron('0 3 * * 0', 'Europe/Berlin')]);
    const [stored] = await queue.schedules();
    expect(stored?.schedule).toEqual({ kind: 'cron', cron: '0 3 * * 0', timezone: 'Europe/Berlin' });
    const parts = new Intl.DateTimeFormat('en', {
      timeZone: 'Europe/Berlin',
      weekday: 'short',
      hour: '2-digit',
      hourCycle: 'h23',
    });
    expect(parts.format(stored?.next ?? 0)).toMatch(/^Sun,? 03$/);
    expect(stored?.next).toBeGreaterThan(Date.now());
    expect(await queue.applySchedules([cron('0 3 * * 0', 'America/Lima')])).toMatchObject({ changed: 1 });
    expect(await queue.applySchedules([every(HOUR)])).toMatchObject({ changed: 1 });
    expect(await queue.applySchedules([cron('0 3 * * 0', 'America/Lima')])).toMatchObject({ changed: 1 });
    expect(await queue.applySchedules([cron('0 3 * * 0', 'America/Lima')])).toMatchObject({ changed: 0 });
    expect(await tickJobs(queue)).toEqual({ delayed: 1 });
  });

  it('names the schedule that cannot be computed', async () => {
    const queue = await on.open();
    const bad = ['61 3 * * *', 'never', '0 0 31 2 *'].map((expression) => cron(expression, 'UTC'));
    for (const one of [...bad, cron('0 3 * * *', 'Europe/Atlantis')]) {
      const error = await queue
        .applySchedules([every(HOUR, 0, { index: 'towns' }), one])
        .catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(InputError);
      expect(error).toMatchObject({ message: expect.stringContaining('cities · rebuild') });
    }
    expect(await queue.schedules()).toEqual([]);
  });

  it('hands ticks over with their slot, in order, one for each', async () => {
    const queue = await on.open();
    const ticks: { tick: TickRef; slot: number | null }[] = [];
    queue.consumeTicks(1, async (tick, slot) => {
      ticks.push({ tick, slot });
      return 'planned';
    });
    await queue.applySchedules([every(500, 100, { lane: 'refresh', shard: 2 })]);
    await eventually(() => expect(ticks.length).toBeGreaterThanOrEqual(4));
    await queue.applySchedules([]);
    expect(ticks[0]?.tick).toEqual({ index: 'cities', lane: 'refresh', shard: 2 });
    const slots = ticks.map(({ slot }) => slot ?? 0);
    expect(slots.every((slot) => slot % 500 === 100)).toBe(true);
    expect(new Set(slots).size).toBe(slots.length);
  });

  it('gives no slot to a tick that a person fired', async () => {
    const queue = await on.open();
    const fired = gate<number | null>();
    queue.consumeTicks(1, async (_, slot) => fired.open(slot));
    await queue.boardQueues([])[0]?.queue.add('by hand', { index: 'cities', lane: 'rebuild', shard: -1 });
    expect(await fired.opened).toBeNull();
  });

  it('collapses the ticks of a downtime to one', async () => {
    const queue = await on.open();
    await queue.applySchedules([every(300, 50)]);
    const first = (await nextOf(queue))[0] ?? 0;
    await eventually(() => expect(Date.now()).toBeGreaterThan(first + 1_500));
    const slots: number[] = [];
    const came = gate();
    queue.consumeTicks(1, async (_, slot) => {
      slots.push(slot ?? 0);
      if (slots.length === 2) came.open();
    });
    await came.opened;
    expect(slots[0]).toBe(first);
    expect(slots[1]).toBeGreaterThan(first + 1_500);
  });

  it('lets two processes apply at once: no entry twice, no tick too many', async () => {
    const [a, b] = [await on.open(), await on.open()];
    const many = (everyMs: number) =>
      Array.from({ length: 40 }, (_, n) => every(everyMs, n * 1_000, { lane: 'refresh', shard: n }));
    for (const everyMs of [HOUR, HOUR, 2 * HOUR, HOUR]) {
      await Promise.all([a.applySchedules(many(everyMs)), b.applySchedules(many(everyMs))]);
      expect(await a.schedules()).toHaveLength(40);
      expect(await tickJobs(a)).toEqual({ delayed: 40 });
    }
  });

  it('keeps ticking as planned while schedules are applied again and again', async () => {
    const [a, b] = [await on.open(), await on.open()];
    const slots: number[] = [];
    const takenAt: number[] = [];
    a.consumeTicks(2, async (_, slot) => {
      slots.push(slot ?? 0);
      takenAt.push(Date.now());
    });
    const wanted = [every(400, 30)];
    await a.applySchedules(wanted);
    while (slots.length < 5) {
      const both = await Promise.all([a.applySchedules(wanted), b.applySchedules(wanted)]);
      expect(both).toEqual([
        { added: 0, changed: 0, removed: 0 },
        { added: 0, changed: 0, removed: 0 },
      ]);
    }
    // The next, unless it has gone by when the one before is taken: those of a downtime are one.
    for (const [n, slot] of slots.entries()) {
      const before = slots[n - 1] ?? slot - 400;
      expect((slot - before) % 400).toBe(0);
      expect(slot).toBeGreaterThan(before);
      if (slot > before + 400) expect(takenAt[n - 1]).toBeGreaterThanOrEqual(before + 400);
    }
  });

  it('leaves the schedules of another prefix alone', async () => {
    const [ours, theirs] = [await on.open(), await on.open({ prefix: `${on.prefix}-other` })];
    await theirs.applySchedules([every(HOUR), every(HOUR, 0, { index: 'towns' })]);
    await ours.applySchedules([every(HOUR)]);
    await ours.applySchedules([]);
    expect(await theirs.schedules()).toHaveLength(2);
    expect(await ours.schedules()).toEqual([]);
  });

  it('mends what a person changed in Bull Board', async () => {
    const queue = await on.open();
    await queue.applySchedules([every(HOUR, 60_000)]);
    const board = queue.boardQueues([])[0]?.queue;
    await board?.upsertJobScheduler('cities.rebuild', { every: 2 * HOUR, offset: 60_000 }, { name: 'mine', data: {} });
    expect(await queue.applySchedules([every(HOUR, 60_000)])).toMatchObject({ changed: 1 });
    expect((await queue.schedules()).map(({ next: _, ...entry }) => entry)).toEqual([every(HOUR, 60_000)]);
  });

  it('adds a removed schedule again although its next tick was promoted and has ended', async () => {
    const queue = await on.open();
    const ended = gate();
    const consumer = queue.consumeTicks(1, async () => ended.open());
    const wanted = [cron('0 3 * * 0', 'UTC'), every(HOUR, 0, { index: 'towns' })];
    await queue.applySchedules(wanted);
    const board = queue.boardQueues([])[0]?.queue;
    const slot = (await queue.schedules()).find(({ index }) => index === 'cities')?.next;
    await (await board?.getJob(`repeat:cities.rebuild:${slot}`))?.promote();
    await ended.opened;
    await consumer.stop();
    await board?.removeJobScheduler('cities.rebuild');
    expect(await queue.applySchedules(wanted)).toEqual({ added: 1, changed: 0, removed: 0 });
    expect((await queue.schedules()).map(({ next: _, ...entry }) => entry)).toEqual(expect.arrayContaining(wanted));
    expect((await board?.getJobs(['delayed']))?.map(({ name }) => name).toSorted()).toEqual([
      'cities · rebuild',
      'towns · rebuild',
    ]);
  });

  it('starts a schedule again whose job was lost', async () => {
    const queue = await on.open();
    await queue.applySchedules([every(HOUR, 10)]);
    const slot = (await nextOf(queue))[0] ?? 0;
    await loseJob(queue, `repeat:cities.rebuild:${slot}`);
    expect(await tickJobs(queue)).toEqual({});
    expect(await queue.applySchedules([every(HOUR, 10)])).toMatchObject({ changed: 0 });
    const clock = vi.spyOn(Date, 'now').mockReturnValue(slot + 61_000);
    try {
      expect(await queue.applySchedules([every(HOUR, 10)])).toMatchObject({ changed: 1 });
    } finally {
      clock.mockRestore();
    }
    expect(await tickJobs(queue)).toEqual({ delayed: 1 });
    expect(await nextOf(queue)).toEqual([slot + HOUR]);
  });

  /** BullMQ refuses to remove the job of a schedule, so this goes behind its back. */
  async function loseJob(queue: TaskQueue, id: string): Promise<void> {
    const board = queue.boardQueues([])[0]?.queue;
    if (queue.backend === 'redis') {
      const client = await board?.getBackend().client;
      // It is the only delayed job.
      await client?.del(board?.toKey('delayed') ?? '', board?.toKey(id) ?? '');
      return;
    }
    const client = new pg.Client({ connectionString: on.url });
    await client.connect();
    await client.query(`delete from ${pg.escapeIdentifier(schemaName(on.prefix))}.job where id = $1`, [id]);
    await client.end();
  }
});
