import { InputError, type SourceDefinition, UnavailableError } from '@reindeer/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openShop, type Shop } from './postgresShop.ts';

const signal = new AbortController().signal;

describe('describe() of a PostgreSQL source', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop('source_check');
    await shop.run(`
      create table city (id bigint primary key, name text not null, nick text, body json, tenant int not null default 1, deleted_at timestamptz);
      create unique index on city (name) where tenant = 1;
      create unique index on city (nick);
      create index on city (tenant);
      insert into city (id, name) select g, 'city ' || g from generate_series(1, 50) g;
      create collation loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      create table loosely (id text collate loose primary key);
      create table split (tenant int, id bigint not null, primary key (tenant, id)) partition by list (tenant);
      create table split_1 partition of split for values in (1);
      insert into split values (1, 1), (1, 2);
      create view big_city as select * from city where id > 10;
      create schema other; create table other.country (code text primary key);
      create table hidden (id int primary key);
      create function fails(int) returns int language sql as 'select 1 / ($1 - $1)';
    `);
  });
  afterAll(() => shop.close());

  const problem = async (definition: Partial<SourceDefinition>, url?: string) => {
    const error: unknown = await shop
      .source(definition, url === undefined ? {} : { url })
      .describe(signal)
      .then(
        (described) => described,
        (thrown: unknown) => thrown,
      );
    if (error instanceof InputError) return `${error.code} | ${error.message}`;
    throw new Error('no InputError', { cause: error });
  };

  /** A role of this name, which need not be new, and the url that it connects by. */
  const urlAs = async (role: string) => {
    await shop.run(
      `do $$ begin create role "${role}" login password 'secret'; exception when duplicate_object then null; end $$`,
    );
    const url = new URL(shop.url);
    url.username = role;
    url.password = 'secret';
    return url;
  };

  it.each<[string, Partial<SourceDefinition>, RegExp]>([
    [
      'unknown table',
      { table: { schema: 'public', name: 'citty' } },
      /^table-unknown \| indexes\.cities\.source\.table: .*"public\.citty".*Did you mean "public\.city"\?/,
    ],
    [
      'table of another schema',
      { table: { schema: 'public', name: 'country' } },
      /^table-unknown .*Did you mean "other\.country"\?/,
    ],
    ['unknown schema', { table: { schema: 'pubic', name: 'city' } }, /^table-unknown .*Did you mean "public\.city"\?/],
    [
      'key whose text depends on the session',
      { query: `select id::int::regclass as "of", name from city`, key: ['of'] },
      /^key-by-search-path \| indexes\.cities\.source\.key: "of" is of type regclass, .*"of::oid as of"/,
    ],
    [
      'missing key column',
      { key: ['ids'] },
      /^column-unknown \| indexes\.cities\.source\.key: column "ids".*Did you mean "id"\?.*id, name, nick/,
    ],
    [
      'missing column',
      { columns: ['nmae'] },
      /^column-unknown \| indexes\.cities\.source\.columns: .*Did you mean "name"\?/,
    ],
    ['missing deleted column', { deleted: 'deleted' }, /^column-unknown \| indexes\.cities\.source\.deleted: /],
    [
      'key under a partial index only',
      { key: ['name'] },
      /^key-not-unique \| indexes\.cities\.source\.key: \("name"\).*CREATE UNIQUE INDEX CONCURRENTLY ON "public"\."city" \("name"\);/,
    ],
    ['key with no unique index', { key: ['tenant'] }, /^key-not-unique /],
    ['part of the primary key', { table: { schema: 'public', name: 'split' }, key: ['id'] }, /^key-not-unique /],
    [
      'nullable key',
      { key: ['nick'] },
      /^key-nullable \| indexes\.cities\.source\.key: nick can be null.*ALTER TABLE "public"\."city" ALTER COLUMN nick SET NOT NULL;/,
    ],
    [
      'collation that is not deterministic',
      { table: { schema: 'public', name: 'loosely' } },
      /^collation-nondeterministic \| indexes\.cities\.source\.key: "id".*loose/,
    ],
    [
      'type without an order',
      { key: ['body'] },
      /^key-not-ordered \| indexes\.cities\.source\.key: "body" is of type json/,
    ],
    [
      'where that is no SQL',
      { where: 'name = ' },
      /^where-invalid \| indexes\.cities\.source\.where: "name = " .*syntax error/,
    ],
    ['where with an unknown column', { where: 'nmae is null' }, /^where-invalid .*"nmae" does not exist/],
    ['where that is no condition', { where: 'id' }, /^where-invalid .*boolean/],
    ['query that is no SQL', { query: 'selec 1' }, /^query-invalid \| indexes\.cities\.source\.query: .*syntax error/],
    ['two statements', { query: 'select 1 as id; drop table city' }, /^query-invalid .*syntax error/],
    [
      'query without the key',
      { query: 'select name, id as idd from city' },
      /^query-lacks-key \| indexes\.cities\.source\.key: .*Did you mean "idd"\?/,
    ],
    [
      'query with two columns of a name',
      { query: 'select id, name, nick as name from city' },
      /^column-twice \| .*"name"/,
    ],
    [
      'query whose key comes twice',
      { query: 'select id % 10 as id from city' },
      /^key-not-unique .*\["\d"\] is there twice/,
    ],
    [
      'query whose key can be null',
      { query: 'select nullif(id, 5) as id from city' },
      /^key-nullable .*"id" can be null.*"id" is not null/,
    ],
    [
      'query with a collation that is not deterministic',
      { query: 'select name collate loose as id from city' },
      /^collation-nondeterministic /,
    ],
    ['where that fails on a row', { where: 'fails(id::int) = 1' }, /^source-data \| .*division by zero/],
  ])('%s', async (_, definition, message) => {
    expect(await problem(definition)).toMatch(message);
  });

  it('permission to connect: the GRANT to run', async () => {
    const url = await urlAs('caller of tests');
    const database = `"${url.pathname.slice(1)}"`;
    await shop.run(`revoke connect on database ${database} from public`);
    const told = await problem({ query: 'select 1 as id', key: ['id'] }, url.href);
    const grant = `GRANT CONNECT ON DATABASE ${database} TO "caller of tests";`;
    expect(told).toMatch(/^permission \| The server refuses the connection: permission denied for database /);
    expect(told).toContain(grant);
    await shop.run(grant);
    const source = shop.source({ query: 'select 1 as id', key: ['id'] }, { url: url.href });
    await expect(source.describe(signal)).resolves.toMatchObject({ rows: 1 });
    await shop.run(`grant connect on database ${database} to public`);
  });

  it('permission: the GRANT to run', async () => {
    const url = await urlAs('reader of tests');
    const hidden = { schema: 'public', name: 'hidden' };
    expect(await problem({ table: hidden }, url.href)).toMatch(
      /^permission \| indexes\.cities\.source\.table: permission denied for table hidden\. .*GRANT SELECT ON "public"\."hidden" TO "reader of tests";/,
    );
    expect(await problem({ query: 'select * from hidden' }, url.href)).toContain(
      'GRANT SELECT ON "public"."hidden" TO "reader of tests";',
    );
    await shop.run('grant select on hidden to "reader of tests"');
    const source = shop.source({ table: hidden }, { url: url.href });
    await expect(source.describe(signal)).resolves.toMatchObject({ rows: 0, warnings: [] });
    await shop.run('alter table hidden enable row level security');
    const { warnings } = await source.describe(signal);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^indexes\.cities\.source\.table: row level security applies to "reader of tests": .*CREATE POLICY reindeer ON "public"\."hidden" FOR SELECT TO "reader of tests" USING \(true\);$/,
      ),
    ]);
    await shop.run('revoke all on hidden from "reader of tests"; drop role "reader of tests"');
  });

  it('no such database, and no server', async () => {
    const url = new URL(shop.url);
    url.pathname = '/nowhere';
    expect(await problem({}, url.href)).toMatch(
      /^authentication \| connections\.shop\.url: .*"nowhere" does not exist/,
    );
    const closed = shop.source({}, { url: 'postgres://nobody@127.0.0.1:1/x' });
    await expect(closed.describe(signal)).rejects.toBeInstanceOf(UnavailableError);
    await expect(closed.describe(signal)).rejects.toMatchObject({ reason: 'source-unavailable' });
  });

  it('a good table', async () => {
    const described = await shop
      .source({ where: 'city.id <= 40 -- the old ones', deleted: 'deleted_at' })
      .describe(signal);
    expect(described).toMatchObject({
      key: [{ name: 'id', type: 'bigint', collation: null }],
      columns: ['id', 'name', 'nick', 'body', 'tenant', 'deleted_at'],
      rows: 40,
      rowsExact: true,
      warnings: [],
    });
    expect(described.rowBytes).toBeGreaterThan(50);
    expect(described.identity.system).toMatch(/^\d{15,}\/\d+$/);
    expect(described.identity.timeline).toBe(1);
  });

  it('a key that is more than what is unique is unique; that no index orders it is said', async () => {
    const { warnings } = await shop.source({ key: ['tenant', 'id'] }).describe(signal);
    expect(warnings).toEqual([
      expect.stringMatching(
        /no index is in the order.*CREATE INDEX CONCURRENTLY ON "public"\."city" \("tenant", "id"\);/,
      ),
    ]);
  });

  it('a partitioned table', async () => {
    const source = shop.source({ table: { schema: 'public', name: 'split' }, key: ['tenant', 'id'] });
    await expect(source.describe(signal)).resolves.toMatchObject({ rows: 2, rowsExact: true, warnings: [] });
  });

  it('a query and a view say that nothing proves their key', async () => {
    for (const definition of [{ query: 'select * from city;' }, { table: { schema: 'public', name: 'big_city' } }]) {
      const { warnings } = await shop.source(definition).describe(signal);
      expect(warnings).toEqual([expect.stringContaining('holds for all rows as they are now, but no index')]);
    }
  });
});
