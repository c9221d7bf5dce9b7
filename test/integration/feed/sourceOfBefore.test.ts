import { expect } from 'vitest';
import { describeFeed } from './describeFeed.ts';

describeFeed('a primary of before, which the feed has left behind', (it) => {
  it('is compared with nothing, until the feed says that it is the one', async ({ f }) => {
    f.desk.settings.maxAttempts = 9;
    await f.work('rebuild');
    await f.pass();
    await f.sql(`insert into public.book values (81, 'new')`);
    await f.sql(`update consumers set position = jsonb_set(position, '{timeline}', '9') where log = 'source'`);
    const run = await f.open('refresh');
    await f.next(run);
    expect(await f.sql(`select kind, status, error from tasks where run = $1`, [run])).toEqual([
      { kind: 'plan', status: 'queued', error: expect.stringMatching(/leads to a primary of before: .* timeline 9/) },
    ]);
    await f.pass();
    expect(await f.owed()).toEqual([expect.objectContaining({ state: 'live', cause: 'timeline' })]);
    expect(await f.finish(run)).toMatchObject({ status: 'completed' });
    await f.refreshOwed();
    expect(await f.owed()).toEqual([]);
    expect(await f.ids()).toEqual(await f.tableIds());
  });
});
