import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { loadCities } from '../../../apps/cli/src/demo/cities.ts';
import { freshDatabase } from '../../support/servers.ts';

const database = await freshDatabase('cities');
const taken = await freshDatabase('taken');
afterAll(async () => {
  await database.drop();
  await taken.drop();
});

test('loads 138,398 cities once, and leaves later changes alone', async () => {
  const progress: number[] = [];
  const first = await loadCities(database.url, { onProgress: (rows) => progress.push(rows) });
  expect(first).toEqual({ rows: 138_398, loaded: true });
  expect(progress.at(-1)).toBe(138_398);
  expect(progress.length).toBeGreaterThan(10);

  const berlin = await query(database.url, "select * from public.city where name = 'Berlin' and country = 'DE'");
  expect(berlin).toEqual([
    expect.objectContaining({ population: '3426354', lat: '52.52437', lon: '13.41053', feature: 'PPLC' }),
  ]);
  const ids = await query(database.url, 'select min(id), max(id), count(distinct id) as ids from public.city');
  expect(ids).toEqual([{ min: '1', max: '138398', ids: '138398' }]);

  await query(database.url, 'delete from public.city where id = 7');
  expect(await loadCities(database.url)).toEqual({ rows: 138_397, loaded: false });
});

test('an interrupted load leaves nothing', async () => {
  const other = await freshDatabase('cities_interrupted');
  const stop = new AbortController();
  await expect(
    loadCities(other.url, { onProgress: () => stop.abort(new Error('stopped')), signal: stop.signal }),
  ).rejects.toThrow('stopped');
  expect(await query(other.url, "select to_regclass('public.city') as city")).toEqual([{ city: null }]);
  await other.drop();
});

test('refuses a table of somebody else', async () => {
  await query(taken.url, 'create table public.city (name text)');
  await expect(loadCities(taken.url)).rejects.toMatchObject({ code: 'demo-table-taken' });
});

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}
