import { WHOLE_RANGE } from '@reindeer/core';
import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPostgresSource } from '../../../packages/connectors/src/postgres-source/index.ts';
import type { Source } from '../../../packages/connectors/src/source.ts';
import { type PostgresPair, startPostgresPair } from '../../support/postgresPair.ts';
import { testPool } from '../../support/testPool.ts';
import { until } from '../../support/until.ts';
import { cityDefinition } from './postgresShop.ts';

const signal = new AbortController().signal;

let pair: PostgresPair;
let pool: Pool;
let source: Source;
beforeAll(async () => {
  pair = await startPostgresPair();
  const url = await pair.url('shop');
  pool = testPool(url);
  await pool.query(`create table city (id bigint primary key, name text); insert into city values (1, 'old')`);
  await pair.standbyHasAll();
  source = openPostgresSource({
    connection: { name: 'shop', url },
    index: 'cities',
    fingerprint: 'first',
    definition: cityDefinition({}),
  });
});
afterAll(async () => {
  await source?.close();
  await pool?.end();
  await pair?.stop();
});

it('is read through one server, also where the primary of before is still there and connections lead to it', async () => {
  await pair.failOver('cut-off');
  await pool.query(`update city set name = 'new'`);
  pair.showOld(true);
  const same = source.stay();
  expect(await name()).toBe('old');
  pair.showOld(false, 'kept');
  // Nobody can know yet.
  expect(await name()).toBe('old');
  same();
  // Two at once: one of them needs a connection.
  await Promise.all([name(), name()]);
  expect(await Promise.all([name(), name()])).toEqual(['new', 'new']);
  expect(same).toThrow(/taken over by another server/);
  source.stay()();
});

it('is reconnected on demand', async () => {
  pair.showOld(true);
  await until('the old primary is reached', async () => (await source.identity(signal)).timeline === 1);
  pair.showOld(false, 'kept');
  expect(await source.identity(signal)).toMatchObject({ timeline: 1 });
  source.reconnect();
  expect(await source.identity(signal)).toMatchObject({ timeline: 2 });
});

async function name(): Promise<unknown> {
  const { rows } = await source.readKeys([['1']], WHOLE_RANGE, () => Promise.resolve(1), signal);
  return JSON.parse(rows[0]?.document?.json ?? '{}').name;
}
