import { expect } from 'vitest';
import { until } from '../../support/until.ts';
import { describeFeed } from './describeFeed.ts';

describeFeed('a failover of the sink, for the feed', (it) => {
  it('goes back when the sink has lost what it acknowledged', async ({ f }) => {
    await f.work('rebuild');
    await f.pass();
    await f.sql(`insert into public.book values (81, 'lost')`);
    await f.pass();
    await f.lose('81');
    await f.pass();
    expect(await f.ids()).not.toContain('81');
    await f.sql(`update consumers set incarnation = 'another' where log = 'source'`);
    await f.pass();
    expect(await f.ids()).toEqual(await f.tableIds());
  });

  it('owes a refresh, which finds what a rebuild had written and the sink has lost', async ({ f }) => {
    await f.work('rebuild');
    await f.pass();
    await f.lose('7');
    await f.sql(`update consumers set incarnation = 'another' where log = 'source'`);
    await f.pass();
    const owed = () => f.sql(`select cause from owed_refreshes where discharged_at is null group by 1`);
    expect(await owed()).toEqual([{ cause: 'sink-failed-over' }]);
    expect(await f.ids()).not.toContain('7');
    for (const shard of await f.sql(`select shard from owed_refreshes where discharged_at is null`))
      await f.work('refresh', { shard: shard.shard });
    expect(await owed()).toEqual([]);
    expect(await f.ids()).toEqual(await f.tableIds());
  });

  it('goes back when the sink fails over in the midst of a long pass', async ({ f }) => {
    await f.work('rebuild');
    await f.pass();
    await f.sql(`insert into public.book select n, 'many' from generate_series(1001, 31000) n`);
    await f.leaveMidway();
    const [id] = (await f.ids()).filter((one) => Number(one) > 1_000);
    await f.lose(String(id));
    // What was written until now was acknowledged by another.
    await f.sql(`update consumers set incarnation = 'another' where log = 'source'`);
    await f.sql(
      `update tasks set cursor = jsonb_build_array(jsonb_set((cursor ->> 0)::jsonb, '{incarnations}', '["another"]')::text)
        where run = $1 and kind = 'slice'`,
      [f.feed],
    );
    await until('all of it is written again', async () => {
      await f.turn({ maxDocuments: 5_000 });
      return (await f.ids()).includes(String(id));
    });
    expect(await f.ids()).toEqual(await f.tableIds());
  });
});
