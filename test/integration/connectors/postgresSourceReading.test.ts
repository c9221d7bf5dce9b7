import { UnavailableError } from '@reindeer/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect, fieldOf, idsOf, readSource } from '../../../packages/connectors/src/conformance/readSource.ts';
import { openPostgresSource, openSourcePool } from '../../../packages/connectors/src/postgres-source/index.ts';
import type { Source } from '../../../packages/connectors/src/source.ts';
import { until } from '../../support/until.ts';
import { cityDefinition, openShop, type Shop } from './postgresShop.ts';

describe('reading a PostgreSQL source', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop('source_reading');
    await shop.run(`create table city (id bigint primary key, name text, population int, deleted_at timestamptz, gone boolean);
      insert into city select g, 'city ' || g, g * 10, case when g % 4 = 0 then now() end, case when g % 3 = 0 then g % 2 = 0 end from generate_series(1, 24) g`);
  });
  afterAll(() => shop.close());

  const documents = async (source: Source) =>
    (await collect(readSource(source, { maxDocuments: 5 }))).flatMap((page) => page.documents);

  it('names with quotes, spaces and newlines, a column named like the row, and a key column named as SQL', async () => {
    await shop.run(`create schema "Weird Name"; create table "Weird Name"."a ""b""" ("select" text, "k\n1" int, t text, t_ text, primary key ("k\n1", "select"));
      insert into "Weird Name"."a ""b""" values ('x', 1, 'one', ''), ('y:\\', 1, 'two', '')`);
    const source = shop.source({ table: { schema: 'Weird Name', name: 'a "b"' }, key: ['k\n1', 'select'] });
    expect((await source.describe(new AbortController().signal)).warnings).toEqual([]);
    expect((await documents(source)).map(({ id, json }) => [id, JSON.parse(json)])).toEqual([
      ['1:x', { select: 'x', 'k\n1': 1, t: 'one', t_: '' }],
      ['1:y\\:\\\\', { select: 'y:\\', 'k\n1': 1, t: 'two', t_: '' }],
    ]);
  });

  it('only the columns asked for, and the key', async () => {
    const [first] = await documents(shop.source({ columns: ['population', 'name'] }));
    expect(first?.json).toBe('{"id":1,"population":10,"name":"city 1"}');
  });

  it('only rows that are in the index', async () => {
    const where = shop.source({
      where: "city.population > 100 or name = 'city 1' -- and no more",
      deleted: 'deleted_at',
    });
    expect((await documents(where)).map(({ id }) => Number(id))).toEqual([1, 11, 13, 14, 15, 17, 18, 19, 21, 22, 23]);
    const gone = await documents(shop.source({ deleted: 'gone' }));
    expect(gone.map(({ id }) => Number(id)).filter((id) => id % 6 === 0)).toEqual([]);
    expect(gone).toHaveLength(20);
    const query = shop.source({
      query: 'select id, population from city order by population desc;\n',
      where: 'source.population < 40',
    });
    expect((await documents(query)).map(({ id }) => id)).toEqual(['1', '2', '3']);
  });

  it.each([
    ['date', ['-infinity', '0044-03-15 BC', '2024-02-29', 'infinity']],
    ['timestamptz', ['-infinity', '2024-02-29 12:00:00.000001+00', 'infinity']],
    [
      'numeric',
      [
        '-Infinity',
        '-1.5',
        '0',
        '0.00000000000000000001',
        '9007199254740993',
        `1${'0'.repeat(400)}`,
        'Infinity',
        'NaN',
      ],
    ],
    ['numeric(40,10)', ['-1.5', '0', '100', '123456789012345678901234567890.0123456789']],
    ['double precision', ['-Infinity', '-0.1', '0.30000000000000004', '1e+300', 'Infinity', 'NaN']],
    ['char(5)', ['', 'a', 'ab c']],
    ['varchar(10)', ['', ' ', 'a', 'a ']],
    ['bytea', ['\\x', '\\x00', '\\xff']],
    ['boolean', ['false', 'true']],
    ['interval', ['P-1D', 'PT0S', 'P1DT2H', 'P1Y2M']],
    ['inet', ['10.0.0.1/32', '10.0.0.2/32', '::1/128']],
    ['text[]', ['{}', '{a,"b,c"}', '{NULL}']],
    ['int4range', ['empty', '[1,3)', '[2,3)']],
    ['name', ['A', 'a']],
    ['mood', ['sad', 'fine', 'great']],
    ['positive', ['1', '2.5']],
  ])('a key of type %s, to every value and from it', async (type, keys) => {
    await shop.run(`do $$ begin create type mood as enum ('sad', 'fine', 'great'); create domain positive as numeric check (value > 0); exception when duplicate_object then null; end $$;
      drop table if exists keyed; create table keyed (id ${type} primary key)`);
    for (const key of keys) await shop.run(`insert into keyed values ('${key}')`);
    const source = shop.source({ table: { schema: 'public', name: 'keyed' } });
    await source.describe(new AbortController().signal);
    const pages = await collect(readSource(source, { maxDocuments: 1 }));
    expect(pages.map((page) => page.last[0])).toEqual(keys);
    for (const [place, key] of keys.entries()) {
      const range = { after: [key], upTo: null };
      expect(idsOf(await collect(readSource(source, { range })))).toEqual(keys.slice(place + 1));
    }
  });

  it('the same texts whatever the server, the database or the role is set to', async () => {
    await shop.run(`create table moment (id timestamptz primary key, f double precision, b bytea, i interval);
      insert into moment values ('2024-02-29 12:00:00.000001+00', 0.1::float8 + 0.2, '\\x00ff', '1 day 2 hours')`);
    const before = await documents(shop.source({ table: { schema: 'public', name: 'moment' } }));
    const name = new URL(shop.url).pathname.slice(1);
    await shop.run(`alter database "${name}" set timezone = 'Asia/Kathmandu'; alter database "${name}" set datestyle = 'German';
      alter database "${name}" set extra_float_digits = 0; alter database "${name}" set intervalstyle = 'postgres_verbose';
      alter database "${name}" set bytea_output = 'escape'`);
    const after = await documents(shop.source({ table: { schema: 'public', name: 'moment' } }));
    await shop.run(`alter database "${name}" reset all`);
    expect(after).toEqual(before);
    expect(after[0]?.id).toBe('2024-02-29 12:00:00.000001+00');
    expect(fieldOf(after[0]?.json ?? '', 'f')).toBe('0.30000000000000004');
  });

  it('nothing is written, whatever the query tries', async () => {
    await shop.run(
      `create function adds() returns bigint language sql as 'insert into city (id) values (1000) returning id'`,
    );
    const source = shop.source({ query: 'select adds() as id' });
    await expect(collect(readSource(source))).rejects.toThrow('read-only transaction');
    expect(await shop.run('select 1 from city where id = 1000')).toEqual([]);
  });

  it('another definition makes other fingerprints', async () => {
    const prints: string[] = [];
    for (const fingerprint of ['first', 'second']) {
      const source = openPostgresSource({
        connection: { name: 'shop', url: shop.url },
        index: 'cities',
        definition: cityDefinition({}),
        fingerprint,
      });
      prints.push(...(await documents(source)).map(({ f1, f2 }) => `${f1} ${f2}`));
      await source.close();
    }
    expect(new Set(prints).size).toBe(48);
  });

  it('an id longer than sinks take is given as it is', async () => {
    await shop.run(`create table long (id text primary key); insert into long values (repeat('x', 600))`);
    const pages = await collect(readSource(shop.source({ table: { schema: 'public', name: 'long' } })));
    expect(idsOf(pages)[0]).toHaveLength(600);
  });

  it('a column that is added meanwhile is in the documents', async () => {
    await shop.run('create table growing (id int primary key); insert into growing values (1)');
    const source = shop.source({ table: { schema: 'public', name: 'growing' } });
    expect((await documents(source))[0]?.json).toBe('{"id":1}');
    await shop.run(
      `alter table growing add column name text default 'new'; alter table growing alter column id type bigint; insert into growing values (9007199254740993)`,
    );
    expect((await documents(source)).map(({ json }) => json)).toEqual([
      '{"id":1,"name":"new"}',
      '{"id":9007199254740993,"name":"new"}',
    ]);
  });

  it('a connection that is cut is an outage, and the next read goes on', async () => {
    const source = shop.source({});
    const cut = shop.run.bind(
      null,
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'reindeer source' and datname = current_database() and query like '%pg_sleep%' and state = 'active'`,
    );
    const slow = shop.source({ query: 'select id from city, pg_sleep(60)' });
    const reading = collect(readSource(slow));
    reading.catch(() => {});
    await until('the read is cut', async () => (await cut()).length > 0);
    await expect(reading).rejects.toBeInstanceOf(UnavailableError);
    await expect(reading).rejects.toMatchObject({ reason: 'source-unavailable' });
    expect(await documents(source)).toHaveLength(24);
  });

  it('a page that takes too long is an outage, and is stopped on the server', async () => {
    const source = shop.source({ query: 'select id, pg_sleep(0.2) as slept from city' });
    const pace = { maxDocuments: () => 1_000, maxBytes: 1_000_000, timeoutMs: 300 };
    const reading = collect(
      source.read({ after: null, upTo: null }, pace, async () => 1, new AbortController().signal),
    );
    await expect(reading).rejects.toMatchObject({
      reason: 'source-unavailable',
      message: expect.stringContaining('in time'),
    });
    // The error is on its way before the server shows the connection as idle.
    await until('no statement to run any more', async () => {
      const active = await shop.run(
        `select query from pg_stat_activity where application_name = 'reindeer source' and datname = current_database() and state = 'active'`,
      );
      return active.length === 0;
    });
  });

  it('more reads at once than connections wait for each other', async () => {
    const pool = openSourcePool(shop.url, { maxConnections: 1 });
    const source = openPostgresSource({
      connection: { name: 'shop', url: shop.url },
      pool,
      index: 'cities',
      definition: cityDefinition({}),
      fingerprint: 'x',
    });
    const reads = await Promise.all(Array.from({ length: 6 }, () => collect(readSource(source, { maxDocuments: 2 }))));
    for (const pages of reads) expect(idsOf(pages)).toHaveLength(24);
    await source.close();
    expect(pool.ended).toBe(false);
    await pool.end();
  });
});
