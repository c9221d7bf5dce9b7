import { expect } from 'vitest';
import { until } from '../../support/until.ts';
import { describeFeed } from './describeFeed.ts';

describeFeed('the echo of the feed', (it) => {
  it('sends its deletes again when every request of their time has ended', async ({ f }) => {
    await f.work('rebuild');
    await f.sql(`delete from public.book where id = 12`);
    await f.pass();
    await f.sql(`update consumers set echo_at = now() - interval '1 hour', echo_to = position`);
    await f.lose('12');
    await f.strand('12');
    expect(await f.ids()).toContain('12');
    await f.pass();
    await f.pass();
    expect(await f.ids()).toEqual(await f.tableIds());
    expect(await f.sql(`select echoed = position as all from consumers where log = 'source'`)).toHaveLength(1);
  });

  it('goes on with a long echo where a turn ended', async ({ f }) => {
    await f.work('rebuild');
    await f.sql(`insert into public.book select n, 'many' from generate_series(1001, 13000) n`);
    for (let turns = 0; turns < 3; turns += 1) await f.turn({ maxDocuments: 5_000 });
    await f.sql(`update consumers set echo_at = now() - interval '1 hour', echo_to = position where log = 'source'`);
    // A turn is as short as it can be: one pass, and one step of the echo.
    await until('all is echoed', async () => {
      await f.turn({ maxDocuments: 5_000 });
      const [row] = await f.sql(
        `select echo_at > now() - interval '1 minute' and echo_cursor is null as done from consumers where log = 'source'`,
      );
      return row?.done === true;
    });
  });
});
