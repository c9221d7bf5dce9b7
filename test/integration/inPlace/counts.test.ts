import { cancelRun, quietInMs, reopenRun } from '@reindeer/ledger';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type InPlaceFixture, inPlaceFixture } from './fixture.ts';

const NONE = { missing: 0, extra: 0, stale: 0 };

let f: InPlaceFixture;
beforeEach(async () => {
  f = await inPlaceFixture('postgres');
  await f.sql(`create table public.book (id bigint primary key, title text)`);
  await f.sql(`insert into public.book select n, 'book ' || n from generate_series(1, 100) n`);
});
afterEach(() => f.close());

/** Documents of a hand, without a row. */
const strangers = async (count: number) =>
  f.sql(
    `insert into public.${await f.live()} (id, body, s, b, t, deleted) select 'stranger ' || n, '{}', 0, 0, 0, false from generate_series(1, ${count}) n`,
  );

describe('what a run in place counts', () => {
  it('counts once what it comes to again after a hand-over midway', async () => {
    await f.run('rebuild');
    await strangers(60);
    const run = await f.open('verify');
    await f.next(run);
    // The digests are made again in each turn; the last turns end in the midst of what the sink lists.
    for (let turn = 0; turn < 6; turn += 1) {
      const drain = new AbortController();
      let batches = 0;
      await f.next(run, {
        draining: drain.signal,
        async permit(work) {
          const done = await work();
          batches += 1;
          if (batches === 6) drain.abort();
          return done;
        },
      });
    }
    const [midway] = await f.sql(`select cursor, extra from tasks where run = $1 and kind = 'slice'`, [run]);
    expect(midway).toMatchObject({ cursor: ['rows', '100'], extra: '0' });
    expect(await f.finish(run)).toMatchObject({
      status: 'completed',
      differences: { ...NONE, extra: 60 },
      tally: { read: 100, unchanged: 100 },
    });
    const [{ n }] = (await f.sql(`select count(*)::int as n from differences where run = $1`, [run])) as [
      { n: number },
    ];
    expect(n).toBe(20);
  });

  it('ends although a turn is shorter than a range of the listing', async () => {
    await f.run('rebuild');
    await strangers(60);
    Object.assign(f.desk.settings, { turnMs: 0 });
    expect(await f.run('verify')).toMatchObject({ status: 'completed', differences: { ...NONE, extra: 60 } });
    expect(await f.run('refresh')).toMatchObject({ status: 'completed', tally: { orphans: 60 } });
    expect(await f.ids()).toHaveLength(100);
  });

  it('lists 20,000 strangers of one shard, and deletes them all', async () => {
    Object.assign(f.desk.settings.batch, { maxDocuments: 1_000 });
    await f.run('rebuild');
    await strangers(20_000);
    expect(await f.run('verify')).toMatchObject({ differences: { ...NONE, extra: 20_000 } });
    expect(await f.run('refresh')).toMatchObject({ tally: { orphans: 20_000, unchanged: 100 } });
    expect(await f.run('verify')).toMatchObject({ differences: NONE });
  });

  it('fails again when a refresh over its budget is retried, and pays no debt', async () => {
    await f.run('rebuild');
    await f.sql(`update public.book set title = 'a long one' where id <= 10`);
    await f.sql(`alter table public.${await f.live()} add constraint short check (body->>'title' <> 'a long one')`);
    const failed = await f.run('refresh', { shard: 0 });
    expect(failed).toMatchObject({ status: 'failed', reason: 'error-budget', tally: { failed: 10 } });
    for (let again = 0; again < 2; again += 1) {
      expect(await reopenRun(f.t.ledger, failed.run)).toMatchObject({ kind: 'reopened' });
      expect(await f.finish(failed.run)).toMatchObject({ status: 'failed', reason: 'error-budget' });
    }
    expect(await f.sql(`select shard from owed_refreshes where discharged_at is null`)).toEqual([{ shard: 0 }]);
    await f.sql(`alter table public.${await f.live()} drop constraint short`);
    expect(await f.run('refresh', { shard: 0 })).toMatchObject({ status: 'completed', tally: { written: 10 } });
    expect(await f.sql(`select shard from owed_refreshes where discharged_at is null`)).toEqual([]);
  });
});

describe('what a run in place may work on', () => {
  it('takes no shard that a promotion before its plan has done away with, nor more than its places', async () => {
    await f.configure({ shards: 4 });
    await f.run('rebuild');
    const shard = await f.open('verify', { shard: 3 });
    // Fewer keys than shards: there are as many shards as there can be.
    await f.sql(`delete from public.book where id > 2`);
    expect(await f.run('rebuild')).toMatchObject({ status: 'completed' });
    expect(await f.finish(shard)).toMatchObject({ status: 'failed', reason: 'superseded' });
    const range = await f.open('verify', { range: { after: ['0'], upTo: ['90'] } });
    await f.sql(`insert into public.book select n, 'book ' || n from generate_series(3, 100) n`);
    expect(await f.run('rebuild')).toMatchObject({ status: 'completed' });
    expect(await f.finish(range)).toMatchObject({ status: 'failed', reason: 'superseded' });
    const again = await f.run('verify', { range: { after: ['0'], upTo: ['90'] } });
    expect(again).toMatchObject({ status: 'completed', tally: { read: 90, unchanged: 90 }, differences: NONE });
  });

  it('refuses a range that holds no key, in words', async () => {
    await f.run('rebuild');
    const turned = await f.run('verify', { range: { after: ['90'], upTo: ['1'] } });
    expect(turned).toMatchObject({ status: 'failed' });
    const [row] = await f.sql(`select error from runs where run = $1`, [turned.run]);
    expect(row).toMatchObject({ error: expect.stringContaining('No key lies after ["90"] and up to ["1"]') });
    // Beyond the last key is no mistake: rows may come there.
    expect(await f.run('verify', { range: { after: ['900'], upTo: null } })).toMatchObject({
      status: 'completed',
      tally: { read: 0 },
    });
  });

  it('waits, where it owes, until no write of a run that was stopped by force can arrive', async () => {
    await f.run('rebuild');
    const stopped = await f.open('refresh', { shard: 0 });
    await f.next(stopped);
    await f.t.claim(f.desk.worker, stopped, 'slice', 1);
    await cancelRun(f.t.ledger, stopped, true);
    const owing = await f.open('refresh', { shard: 0 });
    await f.next(owing);
    const waitMs = await quietInMs(f.t.ledger, owing, 3_600_000);
    expect(waitMs).toBeGreaterThan(1_800_000);
    expect(waitMs).toBeLessThanOrEqual(3_600_000);
  });
});
