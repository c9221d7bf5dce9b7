import pg from 'pg';
import { expect, test } from 'vitest';
import { describeRedis, freshDatabase, postgresUrl, redisUrl } from '../../support/servers.ts';

test('a fresh database is empty, on the run’s server, and gone after drop()', async () => {
  const database = await freshDatabase('fresh');
  const tables = await query(database.url, "select 1 from pg_tables where schemaname = 'public'");
  const there = await query(postgresUrl, 'select 1 from pg_database where datname = $1', [database.name]);
  await database.drop();
  const after = await query(postgresUrl, 'select 1 from pg_database where datname = $1', [database.name]);
  expect([tables, there, after]).toEqual([0, 1, 0]);
});

test('the server knows ICU collations', async () => {
  expect(await query(postgresUrl, `select 1 where 'ä' < 'b' collate "de-x-icu"`)).toBe(1);
});

describeRedis('redis', () => {
  test('has an address of its own', () => {
    expect(redisUrl()).toMatch(/^rediss?:\/\//);
  });
});

async function query(url: string, statement: string, values: unknown[] = []): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement, values)).rows.length;
  } finally {
    await client.end();
  }
}
