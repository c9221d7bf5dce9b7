import { quietInMs, readConsumerViews, readIndex } from '@reindeer/ledger';
import { expect } from 'vitest';
import { describeFeed } from './describeFeed.ts';
import type { FeedFixture } from './fixture.ts';

describeFeed('a generation that the sink takes nothing into, for the feed', (it) => {
  it('keeps none of the others from being current, and catches up when it is well again', async ({ f }) => {
    await f.work('rebuild');
    const before = await f.live();
    await f.work('rebuild');
    f.desk.settings.batchTimeoutMs = 15_000;
    const unblock = await f.block(before);
    await f.sql(`insert into public.book values (90, 'new')`);
    await f.sql(`delete from public.book where id = 1`);
    await f.pass();
    expect(await f.ids()).toEqual(await f.tableIds());
    expect(await troubles(f)).toEqual([{ generation: before, trouble: expect.stringMatching(before) }]);
    await f.sql(`truncate public.book`);
    await f.sql(`insert into public.book values (91, 'newer')`);
    await f.pass();
    for (const refresh of await f.openOwed()) {
      await f.next(refresh);
      expect(await quietInMs(f.t.ledger, refresh, 600_000)).toBe(0);
      await f.finish(refresh);
    }
    expect(await f.ids()).toEqual(['91']);

    await unblock();
    await f.sql(`update consumers set retry_at = now()`);
    await f.pass();
    await f.pass();
    expect(await troubles(f)).toEqual([]);
    // What it was sent last may still arrive, there and nowhere else.
    const waits = new Map<unknown, number>();
    for (const refresh of await f.openOwed()) {
      await f.next(refresh);
      const [run] = await f.sql(
        `select g.name from runs r join generations g on g.generation = r.generation where r.run = $1`,
        [refresh],
      );
      waits.set(run?.name, await quietInMs(f.t.ledger, refresh, 600_000));
      await f.finish(refresh);
    }
    expect(waits.get(before)).toBeGreaterThan(0);
    expect(waits.get(await f.live()) ?? 0).toBe(0);
    expect(await f.rollBack()).toMatchObject({ status: 'completed' });
    expect(await f.live()).toBe(before);
    expect(await f.ids()).toEqual(await f.tableIds());
  });

  it('is live, and a rebuild takes its place', async ({ f }) => {
    await f.work('rebuild');
    const before = await f.live();
    const unblock = await f.block(before);
    await f.sql(`insert into public.book values (90, 'new')`);
    f.desk.settings.batchTimeoutMs = 15_000;
    const run = await f.open('rebuild');
    // Its plan, three slices, and its finish, with which the new generation joins the feed.
    for (let task = 0; task < 5; task += 1) await f.next(run);
    expect(await f.finish(run)).toMatchObject({ status: 'completed' });
    expect(await f.live()).not.toBe(before);
    await f.pass();
    expect(await f.ids()).toEqual(await f.tableIds());
    await unblock();
  });

  it('is live, and is said to be behind', async ({ f }) => {
    await f.work('rebuild');
    await f.work('rebuild');
    const live = await f.live();
    f.desk.settings.batchTimeoutMs = 15_000;
    const unblock = await f.block(live);
    await f.sql(`insert into public.book values (90, 'new')`);
    await f.pass();
    await f.sql(`update indexes set feed_every_ms = 1`);
    await f.sql(`update consumers set passed_at = passed_at - interval '2 minutes'`);
    expect((await readIndex(f.t.ledger, f.name))?.feed).toMatchObject({
      state: 'stands',
      detail: expect.stringMatching(live),
    });
    await unblock();
  });

  it('is the only one: the feed fails, and says so', async ({ f }) => {
    await f.work('rebuild');
    await f.pass();
    f.desk.settings.batchTimeoutMs = 15_000;
    const unblock = await f.block(await f.live());
    await f.sql(`insert into public.book values (90, 'new')`);
    await expect(f.turn()).rejects.toThrow('The feed failed');
    await unblock();
    await f.sql(`update tasks set error = null`);
    await f.pass();
    expect(await f.ids()).toEqual(await f.tableIds());
  });
});

async function troubles(f: FeedFixture) {
  const views = await readConsumerViews(f.t.ledger);
  return views.flatMap(({ generation, trouble }) => (trouble === null ? [] : [{ generation, trouble }]));
}
