import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type InPlaceFixture, inPlaceFixture, SINKS, searchUrl } from './fixture.ts';

const NONE = { missing: 0, extra: 0, stale: 0 };
const FAR = 8_000_000_000_000_000;

/** What a hand writes past Reindeer, as both sinks have it. */
interface HandDocument {
  readonly id: string;
  readonly version: number;
  readonly stamp: {
    readonly s: number;
    readonly b: number;
    readonly t: number;
    readonly f1: number;
    readonly f2: number;
  } | null;
}

describe.each(SINKS)('what hands do to an index in %s', (sink) => {
  describe.skipIf(sink === 'opensearch' && searchUrl === null)('with a server', () => {
    let f: InPlaceFixture;
    beforeEach(async () => {
      f = await inPlaceFixture(sink, { shards: 3 });
      await f.sql(`create table public.book (id bigint primary key, title text)`);
      await f.sql(`insert into public.book select n, 'book ' || n from generate_series(1, 60) n`);
      await f.run('rebuild');
    });
    afterEach(() => f.close());

    it('finds what is stamped for a shard or bucket that there is not, each once', async () => {
      const stamp = { s: 1, b: 5, t: 7, f1: 1, f2: 2 };
      await put({ id: 'above', version: 7, stamp: { ...stamp, s: 99 } });
      await put({ id: 'highest', version: 7, stamp: { ...stamp, s: 2_147_483_647 } });
      await put({ id: 'below', version: 7, stamp: { ...stamp, s: -3 } });
      await put({ id: 'wide', version: 7, stamp: { ...stamp, b: 5_000_000 } });
      await put({ id: 'negative', version: 7, stamp: { ...stamp, b: -1 } });
      await put({ id: 'copied', version: 8, stamp });
      await put({ id: 'strange', version: 7, stamp: null });
      // Moved: its row says where it belongs.
      await put({ id: '11', version: 7, stamp: { ...stamp, s: 2 } });
      const different = { missing: 0, extra: 7, stale: 1 };
      expect(await f.run('verify')).toMatchObject({ status: 'completed', differences: different });
      expect(await f.run('refresh')).toMatchObject({
        status: 'completed',
        differences: different,
        tally: { written: 1, orphans: 7, unchanged: 59 },
      });
      expect(await f.run('verify')).toMatchObject({ differences: NONE, tally: { unchanged: 60 } });
      expect(await f.ids()).toHaveLength(60);
    });

    it('names a document with a version of the far future, and refreshes the others', async () => {
      await f.sql(`update public.book set title = 'changed'`);
      await put({ id: '7', version: FAR, stamp: null });
      const seen = await f.run('refresh');
      expect(seen).toMatchObject({ status: 'completed', tally: { written: 59, failed: 1, superseded: 0 } });
      expect(await f.sql(`select document, reason from failures where run = $1`, [seen.run])).toEqual([
        { document: '7', reason: 'ticket-behind' },
      ]);
      expect(await f.run('refresh', { shard: 0, force: true })).toMatchObject({
        status: 'completed',
        tally: { written: 19, failed: 1 },
      });
      // The other shards owe nothing more, and this one neither: what is left is said at the document.
      for (const shard of [0, 1, 2]) await f.run('refresh', { shard });
      expect(await f.sql(`select 1 from owed_refreshes where discharged_at is null`)).toEqual([]);
    });

    it('puts back what was deleted, all of it, and takes away what has no row any more', async () => {
      for (const id of await f.ids()) await remove(id);
      expect(await f.ids()).toEqual([]);
      expect(await f.run('refresh')).toMatchObject({ differences: { ...NONE, missing: 60 }, tally: { written: 60 } });
      expect(await f.ids()).toHaveLength(60);
      await f.sql(`delete from public.book where id > 20 and id <= 40`);
      expect(await f.run('refresh', { shard: 1 })).toMatchObject({ tally: { read: 0, orphans: 20 } });
      await f.sql(`delete from public.book`);
      expect(await f.run('refresh')).toMatchObject({ tally: { read: 0, orphans: 40 } });
      expect(await f.ids()).toEqual([]);
      expect(await f.run('verify')).toMatchObject({ differences: NONE });
      await f.sql(`insert into public.book select n, 'again ' || n from generate_series(1, 60) n`);
      expect(await f.run('refresh')).toMatchObject({ tally: { written: 60 } });
      expect(await f.ids()).toHaveLength(60);
    });

    async function put({ id, version, stamp }: HandDocument): Promise<void> {
      if (sink === 'postgres') {
        const { s = 0, b = 0, f1 = null, f2 = null } = stamp ?? {};
        await f.sql(
          `insert into public.${await f.live()} (id, body, s, b, t, f1, f2, deleted) values ($1, '{}', $2, $3, $4, $5, $6, false)
           on conflict (id) do update set body = '{}', s = $2, b = $3, t = $4, f1 = $5, f2 = $6`,
          [id, s, b, version, f1, f2],
        );
        return;
      }
      const path = `${await f.live()}/_doc/${encodeURIComponent(id)}`;
      // A hand that has no versions of its own raises what is there.
      const external = version === FAR ? `?version=${version}&version_type=external` : '';
      await f.search('PUT', `${path}${external}`, stamp === null ? { title: 'by hand' } : { _reindeer: stamp });
    }

    async function remove(id: string): Promise<void> {
      const name = await f.live();
      if (sink === 'postgres') await f.sql(`delete from public.${name} where id = $1`, [id]);
      else await f.search('POST', `${name}/_bulk`, `{"delete":{"_id":${JSON.stringify(id)}}}\n`);
    }
  });
});
