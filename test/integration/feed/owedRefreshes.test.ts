import { expect } from 'vitest';
import { describeFeed } from './describeFeed.ts';
import { installLog } from './fixture.ts';

describeFeed('what a feed owes', (it) => {
  it('holds a promotion back until what a TRUNCATE owes is done, in what is live and in what is built', async ({
    f,
  }) => {
    await f.work('rebuild');
    const run = await f.open('rebuild');
    while (
      (await f.sql(`select 1 from runs where run = $1 and phase = 'building'`, [run])).length > 0 ||
      (await f.sql(`select 1 from tasks where run = $1 and kind = 'finish'`, [run])).length === 0
    )
      await f.next(run);
    await f.sql(`truncate public.book`);
    await f.sql(`insert into public.book values (1, 'again')`);
    // Settles and joins.
    await f.next(run);
    await f.pass();
    expect(await f.owed()).toEqual([
      { state: 'building', cause: 'truncated', shards: 3 },
      { state: 'live', cause: 'truncated', shards: 3 },
    ]);
    await f.next(run);
    expect(await f.sql(`select phase from runs where run = $1`, [run])).toEqual([{ phase: 'catching_up' }]);
    await f.refreshOwed();
    expect(await f.owed()).toEqual([]);
    expect(await f.finish(run)).toMatchObject({ status: 'completed' });
    expect(await f.ids()).toEqual(['1']);
    await f.rollBack();
    expect(await f.ids()).toEqual(['1']);
  });

  it('is over, and is nobody’s failure, when what owes it is dropped for its age in the midst of it', async ({ f }) => {
    await f.work('rebuild');
    const before = await f.live();
    await f.work('rebuild');
    await f.sql(`truncate public.book`);
    await f.pass();
    const runs = await f.openOwed();
    for (const run of runs) await f.next(run);
    await f.sql(`update generations set state = 'dropping' where name = $1`, [before]);
    await f.destroy(before);
    for (const run of runs) await f.finish(run);
    const ended = await f.sql(
      `select g.name, r.status, r.reason from runs r join generations g on g.generation = r.generation
        where r.lane = 'refresh' group by 1, 2, 3`,
    );
    expect(new Set(ended)).toEqual(
      new Set([
        { name: before, status: 'cancelled', reason: 'superseded' },
        { name: await f.live(), status: 'completed', reason: null },
      ]),
    );
  });

  it('does not let a refresh that had begun discharge a later TRUNCATE', async ({ f }) => {
    await f.work('rebuild');
    await f.sql(`truncate public.book`);
    await f.pass();
    const begun = await f.openOwed();
    await f.sql(`insert into public.book values (5, 'new')`);
    await f.sql(`truncate public.book`);
    await f.pass();
    for (const run of begun) await f.finish(run);
    expect(await f.owed()).toEqual([{ state: 'live', cause: 'truncated', shards: 3 }]);
    await f.refreshOwed();
    expect(await f.owed()).toEqual([]);
    expect(await f.ids()).toEqual([]);
  });

  it('takes a new position and owes a refresh where the log reaches back no more', async ({ f }) => {
    await f.work('rebuild');
    await f.sql(`insert into public.book values (80, 'unseen')`);
    await f.sql(`update reindeer_log.state set pruned_to = pg_current_snapshot()`);
    await f.sql(`delete from reindeer_log.changes`);
    await f.pass();
    expect(await f.owed()).toEqual([{ state: 'live', cause: 'changes-pruned', shards: 3 }]);
    await f.refreshOwed();
    expect(await f.ids()).toEqual(await f.tableIds());
  });

  it('names the triggers where they were installed anew, of what is live and of what soaks', async ({ f }) => {
    await f.work('rebuild');
    await f.work('rebuild');
    const triggers = await f.sql(
      `select tgname from pg_trigger where tgrelid = 'public.book'::regclass and tgname like 'reindeer%'`,
    );
    for (const { tgname } of triggers) await f.sql(`drop trigger ${tgname} on public.book`);
    await f.sql(`insert into public.book values (80, 'unseen')`);
    await installLog(f.t.database.url, f.definition());
    await f.pass();
    expect(await f.owed()).toEqual([{ state: 'live', cause: 'triggers-changed', shards: 3 }]);
    expect(await f.sql(`select stale_reason from generations where state = 'retained'`)).toEqual([
      { stale_reason: 'triggers-changed' },
    ]);
    await f.refreshOwed();
    expect(await f.ids()).toEqual(await f.tableIds());
  });
});
