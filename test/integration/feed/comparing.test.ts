import { quietInMs } from '@reindeer/ledger';
import { expect } from 'vitest';
import { until } from '../../support/until.ts';
import { describeFeed } from './describeFeed.ts';
import type { FeedFixture } from './fixture.ts';

const COMPLETED = { status: 'completed', differences: { missing: 0, extra: 0, stale: 0 } };

/** Works on the run's next task, though it is not due yet. */
async function next(
  f: FeedFixture,
  run: number,
  { batchTimeoutMs = f.desk.settings.batchTimeoutMs } = {},
): Promise<void> {
  await f.sql(`update tasks set not_before = now() where run = $1 and status = 'queued'`, [run]);
  await f.next(run, { settings: { ...f.desk.settings, batchTimeoutMs } });
}

/** A second generation that is built, and whose documents are compared next. */
async function toCompare(f: FeedFixture): Promise<number> {
  await f.work('rebuild');
  const run = await f.open('rebuild');
  await until('its documents are compared next', async () => {
    if ((await f.sql(`select 1 from tasks where run = $1 and work = 'digest'`, [run])).length > 0) return true;
    await next(f, run);
    await f.pass();
    return false;
  });
  return run;
}

/** Whether one of its comparisons waits for this. */
async function waitsFor(f: FeedFixture, run: number, reason: string): Promise<boolean> {
  const waits = await f.sql(`select 1 from tasks where run = $1 and work = 'digest' and waits_for ->> 'reason' = $2`, [
    run,
    reason,
  ]);
  return waits.length > 0;
}

describeFeed('comparing a new generation while changes are followed', (it) => {
  it('goes on, instead of refusing it, where a late feed has not written what changed', async ({ f }) => {
    const run = await toCompare(f);
    await f.sql(`update public.book set title = 'late' where id <= 3`);
    await f.sql(`delete from public.book where id = 4`);
    await until('it waits for the feed', async () => {
      // Half of that is how long it is waited for a pass.
      await next(f, run, { batchTimeoutMs: 15_000 });
      return waitsFor(f, run, 'not-caught-up');
    });
    expect(await f.finish(run)).toMatchObject(COMPLETED);
    expect(await f.ids()).toEqual(await f.tableIds());
  });

  it('goes on after the refresh that a TRUNCATE in the midst of it owes', async ({ f }) => {
    const run = await toCompare(f);
    await f.sql(`truncate public.book`);
    await f.sql(`insert into public.book values (1, 'after')`);
    await until('it waits for the refresh', async () => {
      let looks = true;
      const looked = next(f, run).finally(() => {
        looks = false;
      });
      while (looks) await f.pass();
      await looked;
      return waitsFor(f, run, 'refresh-owed');
    });
    // Each would wait for the other for ever: what is compared is compared again and again meanwhile.
    const owed = await f.openOwed();
    for (const refresh of owed) {
      await f.next(refresh);
      expect(await quietInMs(f.t.ledger, refresh, 60_000)).toBe(0);
      await f.finish(refresh);
    }
    expect(await f.finish(run)).toMatchObject(COMPLETED);
    expect(await f.ids()).toEqual(await f.tableIds());
  });
});
