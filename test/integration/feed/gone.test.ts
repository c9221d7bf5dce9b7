import { compareLedger } from '@reindeer/engine';
import { expect } from 'vitest';
import { describeFeed } from './describeFeed.ts';

describeFeed('what is live and is gone from the sink, for the feed', (it) => {
  it('keeps no rebuild waiting, with changes that come meanwhile', async ({ f }) => {
    await f.work('rebuild');
    await f.pass();
    await f.destroy(await f.live());
    await f.sql(`insert into public.book values (90, 'new')`);
    expect(await f.work('rebuild')).toMatchObject({ status: 'completed' });
    await f.pass();
    expect(await f.ids()).toEqual(await f.tableIds());
    expect(
      await f.sql(`select state, stale_reason from generations where state <> 'dropped' order by generation`),
    ).toEqual([
      { state: 'retained', stale_reason: 'generation-gone' },
      { state: 'live', stale_reason: null },
    ]);
  });

  it('keeps no rebuild waiting, also when nothing changes', async ({ f }) => {
    await f.work('rebuild');
    await f.destroy(await f.live());
    expect(await f.work('rebuild')).toMatchObject({ status: 'completed' });
    expect(await f.ids()).toEqual(await f.tableIds());
  });

  it('is followed again when it is there again, and owes a refresh', async ({ f }) => {
    await f.work('rebuild');
    // What the feed leaves of it; here it never went.
    await f.sql(`update generations set stale_reason = 'generation-gone' where state = 'live'`);
    await f.sql(`delete from consumers`);
    await f.sql(`insert into public.book values (90, 'new')`);
    await f.pass();
    const look = async () =>
      compareLedger(f.desk.context, await f.desk.open(f.name), new Map(), new AbortController().signal);
    expect(await look()).toBe(false);
    await f.pass();
    expect(await f.owed()).toEqual([{ state: 'live', cause: 'changes-not-followed', shards: 3 }]);
    await f.refreshOwed();
    expect(await f.ids()).toEqual(await f.tableIds());
    expect(await f.owed()).toEqual([]);
  });
});
