import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SINKS, searchUrl } from '../inPlace/fixture.ts';
import { type FeedFixture, feedFixture } from './fixture.ts';

describe.each(SINKS)('following changes into %s', (sink) => {
  describe.skipIf(sink === 'opensearch' && searchUrl === null)('with a server', () => {
    let f: FeedFixture;
    beforeEach(async () => {
      f = await feedFixture(sink, { shards: 3 });
      await f.sql(`insert into public.book select n, 'book ' || n from generate_series(1, 60) n`);
    });
    afterEach(() => f.close());

    it('applies what changes, and promotes what has caught up', async () => {
      const built = await f.work('rebuild');
      expect(built).toMatchObject({ status: 'completed', tally: { read: 60, written: 60 } });
      expect(await f.sql(`select caught_up from runs where run = $1`, [built.run])).toEqual([{ caught_up: true }]);
      expect(await f.sql(`select 1 from owed_refreshes`)).toEqual([]);

      await f.sql(`insert into public.book values (61, 'new')`);
      await f.sql(`update public.book set title = 'other' where id = 7`);
      await f.sql(`delete from public.book where id in (8, 9)`);
      await f.sql(`update public.book set id = 100 where id = 10`);
      await f.pass();
      expect(await f.ids()).toEqual(
        [...Array.from({ length: 61 }, (_, at) => String(at + 1)), '100']
          .filter((id) => !['8', '9', '10'].includes(id))
          .toSorted(),
      );
      expect(await f.work('verify')).toMatchObject({
        status: 'completed',
        differences: { missing: 0, extra: 0, stale: 0 },
        tally: { unchanged: 59 },
      });
    });
  });
});
