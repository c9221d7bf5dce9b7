import { NO_OPTIONS } from '@reindeer/core';
import { requestRun, resume } from '@reindeer/engine';
import type pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { booksDefinition } from '../../support/booksDefinition.ts';
import { type FreshDatabase, freshDatabase } from '../../support/servers.ts';
import { testPool } from '../../support/testPool.ts';
import { type InPlaceFixture, inPlaceFixture } from '../inPlace/fixture.ts';

const LANES = ['refresh', 'verify'];

let f: InPlaceFixture;
let shops: FreshDatabase[];
let pools: pg.Pool[];

/** Two shops, the second with half of the books of the first: in it the others would seem to be deleted. */
beforeEach(async () => {
  f = await inPlaceFixture('postgres', { source: { ...booksDefinition.source, connection: 'shop' } });
  shops = [await freshDatabase('shop'), await freshDatabase('other_shop')];
  pools = shops.map(({ url }) => testPool(url));
  for (const [at, pool] of pools.entries()) {
    await pool.query(`create table book (id bigint primary key, title text)`);
    await pool.query(`insert into book select n, 'book ' || n from generate_series(1, $1::int) n`, [
      at === 0 ? 20 : 10,
    ]);
  }
  f.moveShop(urlOf(0));
  expect(await f.run('rebuild')).toMatchObject({ status: 'completed' });
  await noteStart();
});
afterEach(async () => {
  await f.close();
  await Promise.all(pools.map((pool) => pool.end()));
  await Promise.all(shops.map((shop) => shop.drop()));
});

it.each(['refresh', 'verify'] as const)(
  'compares nothing with another database: a %s is refused, and held',
  async (lane) => {
    f.moveShop(urlOf(1));
    const run = await f.run(lane);
    expect(run).toMatchObject({ status: 'failed', reason: 'source-replaced' });
    const [told] = await f.sql(`select error from runs where run = $1`, [run.run]);
    expect(told?.error).toMatch(/correct the url.*reindeer resume books_/);
    expect(await holds()).toEqual(LANES);
    expect(await f.ids()).toHaveLength(20);
    // Of itself nothing starts any more, also no rebuild; a person may want it.
    expect(await ask('refresh', 'schedule')).toMatchObject({ kind: 'refused', reason: 'source-replaced' });
    expect(await ask('refresh', 'manual')).toMatchObject({ kind: 'refused', reason: 'source-replaced' });
    expect(await ask('rebuild', 'schedule')).toMatchObject({ kind: 'refused', reason: 'source-replaced' });
    expect(await ask('rebuild', 'start')).toMatchObject({ kind: 'refused', reason: 'source-replaced' });
    expect(await ask('rebuild', 'manual')).toMatchObject({ kind: 'started' });
  },
);

it('goes on when the url was corrected, and a person says so', async () => {
  f.moveShop(urlOf(1));
  await f.run('refresh');
  f.moveShop(urlOf(0));
  expect(await ask('refresh', 'schedule')).toMatchObject({ kind: 'refused' });
  expect(await letGoOn()).toBe(2);
  expect(await holds()).toEqual([]);
  expect(await f.run('refresh')).toMatchObject({ status: 'completed', tally: { unchanged: 20, orphans: 0 } });
});

it('goes on lane by lane, too', async () => {
  f.moveShop(urlOf(1));
  await f.run('refresh');
  f.moveShop(urlOf(0));
  expect(await letGoOn('refresh')).toBe(1);
  expect(await holds()).toEqual(['verify']);
  expect(await ask('rebuild', 'schedule')).toMatchObject({ kind: 'refused', reason: 'source-replaced' });
  expect(await ask('refresh', 'schedule')).toMatchObject({ kind: 'started' });
});

it('holds again when a person lets it go on with the wrong url', async () => {
  f.moveShop(urlOf(1));
  await f.run('refresh');
  await letGoOn();
  expect(await f.run('refresh')).toMatchObject({ status: 'failed', reason: 'source-replaced' });
  expect(await holds()).toEqual(LANES);
  expect(await f.ids()).toHaveLength(20);
});

it('is released by the rebuild that a person makes of the new one', async () => {
  f.moveShop(urlOf(1));
  await f.run('refresh');
  expect(await f.run('rebuild')).toMatchObject({ status: 'completed' });
  expect(await holds()).toEqual([]);
  expect(await f.ids()).toHaveLength(10);
  await noteStart();
  expect(await f.run('refresh')).toMatchObject({ status: 'completed', tally: { unchanged: 10 } });
});

it('swaps in no rebuild of another database that a schedule started, also before anybody has compared', async () => {
  f.moveShop(urlOf(1));
  expect(await f.run('rebuild', { trigger: 'schedule' })).toMatchObject({
    status: 'failed',
    reason: 'source-replaced',
  });
  expect(await f.ids()).toHaveLength(20);
  expect(await holds()).toEqual(LANES);
});

it('passes where it is not known what the index was built from', async () => {
  await f.sql(`update generations set start_position = null`);
  f.moveShop(urlOf(1));
  expect(await f.run('verify')).toMatchObject({ status: 'completed', differences: { extra: 10 } });
});

function urlOf(shop: number): string {
  return shops[shop]?.url ?? '';
}

/** Notes at the live generation that it was read from the source there is now. */
async function noteStart(): Promise<void> {
  const { source } = await f.desk.open(f.name);
  const position = await source.position(new AbortController().signal);
  await f.sql(`update generations set start_position = $1 where state = 'live'`, [JSON.stringify(position)]);
}

async function holds(): Promise<string[]> {
  const rows = await f.sql(
    `select lane from holds where released_at is null and reason = 'source-replaced' and index = $1 order by lane`,
    [f.name],
  );
  return rows.map(({ lane }) => lane);
}

const ask = (lane: 'refresh' | 'rebuild', trigger: 'schedule' | 'start' | 'manual') =>
  requestRun(f.desk.context, {
    index: f.definition(),
    lane,
    shard: lane === 'rebuild' ? -1 : 0,
    trigger,
    actor: 'test',
    slot: trigger === 'schedule' ? Date.now() : null,
    options: NO_OPTIONS,
  });

const letGoOn = (lane: 'refresh' | null = null) =>
  resume(
    { ...f.desk.context, resumeQueues: async () => {} },
    { index: f.name, lane, run: null },
    { actor: 'test', note: null },
  );
