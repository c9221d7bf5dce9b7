import { documentId, InputError, type Key, type SourceDefinition } from '@reindeer/core';
import type { Pool, PoolClient } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { modifiedBound } from '../../../packages/connectors/src/postgres-modified/index.ts';
import { openPostgresSource, openSourcePool } from '../../../packages/connectors/src/postgres-source/index.ts';
import type { ChangeLog, Position, Source } from '../../../packages/connectors/src/source.ts';
import { testPool } from '../../support/testPool.ts';
import { ANY_PACE } from './postgresLogShop.ts';
import { cityDefinition, openShop, type Shop } from './postgresShop.ts';

const signal = new AbortController().signal;

/** One index that follows a modified column, and how far it has come. */
interface Follower {
  readonly source: Source;
  readonly log: ChangeLog;
  /** Ids since it last asked, in the order of the stamps. */
  changed(): Promise<string[]>;
  /** The same, without having come further. */
  peek(): Promise<string[]>;
  /** Ids that are in the index now, of these. */
  present(ids: readonly string[]): Promise<string[]>;
}

describe('a modified column in PostgreSQL', () => {
  let shop: Shop;
  let writers: Pool;
  const opened: Source[] = [];
  const clients: PoolClient[] = [];
  beforeAll(async () => {
    shop = await openShop('source_modified');
    writers = testPool(shop.url, { max: 6 });
    await shop.run(`
      create table city (id bigint primary key, name text, updated_at timestamptz default now(), deleted_at timestamptz);
      create index on city (updated_at, id);
      create function stamp() returns trigger language plpgsql as 'begin new.updated_at := now(); return new; end';
      create trigger stamp before insert or update on city for each row execute function stamp();`);
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) {
      await client.query('rollback');
      client.release();
    }
    await Promise.all(opened.splice(0).map((source) => source.close()));
    await shop.run('truncate city');
  });
  afterAll(async () => {
    await writers.end();
    await shop.close();
  });

  const definitionOf = (definition: Partial<SourceDefinition> = {}): SourceDefinition =>
    cityDefinition({ changes: 'modified-column', modified: 'updated_at', lagMs: 0, ...definition });
  const open = (definition: Partial<SourceDefinition> = {}, url = shop.url): Source => {
    const source = openPostgresSource({
      connection: { name: 'shop', url },
      index: 'cities',
      fingerprint: 'first',
      definition: definitionOf(definition),
      changes: { kind: 'modified-column' },
    });
    opened.push(source);
    return source;
  };
  const follow = async (definition: Partial<SourceDefinition> = {}, url = shop.url): Promise<Follower> => {
    const source = open(definition, url);
    const { log } = source;
    if (log === null) throw new Error('The source follows nothing.');
    let position: Position = await source.position(signal);
    const pass = async () => {
      const { upTo, pages } = await log.changes([position], ANY_PACE, signal);
      const keys: Key[] = [];
      for await (const page of pages) keys.push(...page.keys);
      return { upTo, ids: keys.map(documentId) };
    };
    return {
      source,
      log,
      changed: async () => {
        const { upTo, ids } = await pass();
        position = upTo;
        return ids;
      },
      peek: async () => (await pass()).ids,
      present: async (ids) => {
        const found = await source.present(
          ids.map((id) => [id]),
          { after: null, upTo: null },
          signal,
        );
        return found.filter(({ present }) => present).map(({ key }) => documentId(key));
      },
    };
  };
  /** A transaction under way, rolled back with the test. */
  const begin = async (): Promise<(sql: string) => Promise<void>> => {
    const client = await writers.connect();
    clients.push(client);
    await client.query('begin');
    return async (sql) => {
      await client.query(sql);
    };
  };
  const exactness = async (lagMs: number, url = shop.url) => {
    const pool = openSourcePool(url);
    try {
      return await modifiedBound(
        { connection: 'shop', index: 'cities', definition: definitionOf({ lagMs }), pool },
        signal,
      );
    } finally {
      await pool.end();
    }
  };
  const atOf = async (source: Source) => JSON.parse((await source.position(signal)).at) as string[];

  it('finds what commits long after newer rows were found, by passes that were applied meanwhile', async () => {
    const follower = await follow();
    const late = await begin();
    await late(`insert into city values (1, 'late')`);
    const seen: string[] = [];
    for (let id = 2; id < 12; id += 1) {
      await shop.run(`insert into city values (${id}, 'soon')`);
      seen.push(...(await follower.changed()));
    }
    expect(seen).toEqual(['2', '3', '4', '5', '6', '7', '8', '9', '10', '11']);
    await late('commit');
    expect(await follower.changed()).toEqual(['1']);
    expect(await follower.changed()).toEqual([]);
  });

  it('finds a late commit that an earlier process would have to remember nothing of', async () => {
    const follower = await follow();
    const late = await begin();
    await late(`insert into city values (1, 'late')`);
    await shop.run(`insert into city values (2, 'soon')`);
    const first = await follower.log.changes([await follower.source.position(signal)], ANY_PACE, signal);
    await late('commit');
    const other = open().log;
    const { pages } = (await other?.changes([first.upTo], ANY_PACE, signal)) ?? { pages: [] };
    const ids: string[] = [];
    for await (const { keys } of pages) ids.push(...keys.map(documentId));
    expect(ids).toEqual(['1', '2']);
  });

  it('an open transaction holds the bound, in which it has not written yet, and delays no other row', async () => {
    const follower = await follow();
    const idle = await begin();
    await idle('select 1');
    const [, before] = await atOf(follower.source);
    await shop.run(`insert into city values (2)`);
    expect(await follower.changed()).toEqual(['2']);
    expect((await atOf(follower.source))[1]).toBe(before);
    await idle(`insert into city values (1)`);
    await idle('commit');
    expect(await follower.changed()).toEqual(['1']);
    expect((await atOf(follower.source))[1]).not.toBe(before);
  });

  it('a pass that was given but never applied is given again, though the bound stood still', async () => {
    const follower = await follow();
    await (await begin())('select 1');
    await shop.run(`insert into city values (1)`);
    expect(await follower.peek()).toEqual(['1']);
    expect(await follower.peek()).toEqual(['1']);
    expect(await follower.changed()).toEqual(['1']);
    await shop.run(`insert into city values (2)`);
    expect(await follower.peek()).toEqual(['2']);
    expect(await follower.changed()).toEqual(['2']);
    expect(await follower.changed()).toEqual([]);
  });

  it('a pass that looks again, as the echo does, makes nothing known to whoever is at its end', async () => {
    const { source, log } = await follow();
    await (await begin())('select 1');
    const start = await source.position(signal);
    const first = await log.changes([start], ANY_PACE, signal);
    for await (const _ of first.pages);
    await shop.run(`insert into city values (1)`);
    const again = await log.changes([start], ANY_PACE, signal, { upTo: first.upTo, cursor: '' });
    const given = async (pages: AsyncIterable<{ keys: readonly Key[] }>) => {
      const ids: string[] = [];
      for await (const { keys } of pages) ids.push(...keys.map(documentId));
      return ids;
    };
    expect(again.upTo).toEqual(first.upTo);
    expect(await given(again.pages)).toEqual(['1']);
    expect(await given((await log.changes([first.upTo], ANY_PACE, signal)).pages)).toEqual(['1']);
  });

  it('finds soft deletes and rows that leave `where`, and nothing of what is deleted outright', async () => {
    await shop.run(`insert into city select g, 'x' from generate_series(1, 5) g`);
    const follower = await follow({ deleted: 'deleted_at', where: `name = 'x'` });
    await shop.run('update city set deleted_at = now() where id = 1');
    await shop.run(`update city set name = 'y' where id = 2`);
    await shop.run('delete from city where id = 3');
    await shop.run('update city set id = 40 where id = 4');
    expect((await follower.changed()).sort()).toEqual(['1', '2', '40']);
    expect(await follower.present(['1', '2', '3', '4', '40', '5'])).toEqual(['40', '5']);
  });

  it('finds stamps of the future at once, and does not repeat them; none that are null', async () => {
    await shop.run(`create table stamps (id bigint primary key, at timestamp)`);
    const follower = await follow({ table: { schema: 'public', name: 'stamps' }, modified: 'at' });
    await shop.run(
      `insert into stamps values (1, now() + interval '1 hour'), (2, 'infinity'), (3, null), (4, '-infinity')`,
    );
    expect(await follower.changed()).toEqual(['1', '2']);
    expect(await follower.changed()).toEqual([]);
    await shop.run(`update stamps set at = at + interval '1 us' where id = 1`);
    expect(await follower.changed()).toEqual(['1']);
    await shop.run('vacuum full stamps');
    await shop.run('vacuum (freeze) stamps');
    expect(await follower.changed()).toEqual([]);
  });

  it.each(['timestamptz(0)', 'timestamptz(3)', 'timestamp(0)', 'timestamptz'])(
    'rounds the bound as it rounds what is stored: %s',
    async (type) => {
      await shop.run(`create table rounded (id bigint primary key, at ${type} default now())`);
      const follower = await follow({ table: { schema: 'public', name: 'rounded' }, modified: 'at' });
      for (let id = 1; id <= 20; id += 1) {
        await shop.run(`insert into rounded (id) values (${id})`);
        expect(await follower.changed()).toEqual([String(id)]);
      }
      await shop.run('drop table rounded');
    },
  );

  it('in a query of two tables, finds the older stamp of a row whose newer one stays', async () => {
    await shop.run(`create table country (id bigint primary key, name text, updated_at timestamptz default now());
      insert into country values (1, 'A'); insert into city values (1, 'x')`);
    const follower = await follow({
      query: `select c.id, c.name, k.name as country, greatest(c.updated_at, k.updated_at) as updated_at from city c join country k on k.id = c.id`,
    });
    const late = await begin();
    await late(`update country set name = 'B', updated_at = now() + interval '1 us'`);
    await shop.run(`update city set updated_at = now()`);
    expect(await follower.changed()).toEqual(['1']);
    expect(await follower.changed()).toEqual([]);
    await late('commit');
    expect(await follower.changed()).toEqual(['1']);
    expect(await follower.changed()).toEqual([]);
  });

  it('is exact for who sees all transactions, else lags, and finds what commits within the lag', async () => {
    expect(await exactness(60_000)).toBe('exact');
    const role = `reader of ${shop.url.split('_').at(-1)}`;
    await shop.run(`create role "${role}" login password 'secret'; grant select on city to "${role}"`);
    const url = new URL(shop.url);
    url.username = role;
    url.password = 'secret';
    try {
      expect(await exactness(60_000, url.href)).toEqual({
        lagMs: 60_000,
        because: expect.stringContaining(`GRANT pg_read_all_stats TO "${role}";`),
      });
      const follower = await follow({ lagMs: 60_000 }, url.href);
      const late = await begin();
      await late(`insert into city values (1)`);
      await shop.run('insert into city values (2)');
      expect(await follower.changed()).toEqual(['2']);
      expect(await follower.changed()).toEqual([]);
      await late('commit');
      expect(await follower.changed()).toEqual(['1']);
      expect(await follower.changed()).toEqual([]);
      expect((await follower.source.describe(signal)).warnings).toEqual([
        expect.stringMatching(/modified: .*can be null/),
        expect.stringMatching(/longer than 60000 ms \(`lag`\).*GRANT pg_read_all_stats/),
      ]);
      await shop.run(`grant pg_read_all_stats to "${role}"`);
      expect(await exactness(60_000, url.href)).toBe('exact');
    } finally {
      await Promise.all(opened.splice(0).map((source) => source.close()));
      await shop.run(`drop owned by "${role}"; drop role "${role}"`);
    }
  });

  it('lags where sessions do not track their activity', async () => {
    const hidden = await writers.connect();
    await hidden.query('set track_activities = off');
    try {
      await hidden.query('begin');
      expect(await exactness(1_000)).toMatchObject({ because: expect.stringContaining('track_activities') });
    } finally {
      await hidden.query('rollback');
      await hidden.query('set track_activities = on');
      hidden.release();
    }
    expect(await exactness(1_000)).toBe('exact');
  });

  it('tells a column that cannot be followed, and an index that is missing', async () => {
    await shop.run(`create table bare (id bigint primary key, seconds bigint not null, at timestamp not null)`);
    const problem = async (definition: Partial<SourceDefinition>) => {
      const error: unknown = await open({ table: { schema: 'public', name: 'bare' }, ...definition })
        .describe(signal)
        .catch((thrown: unknown) => thrown);
      return error instanceof InputError ? `${error.code} | ${error.message}` : error;
    };
    expect(await problem({ modified: 'et' })).toMatch(
      /^column-unknown \| indexes\.cities\.source\.modified: column "et".*Did you mean "at"\?/,
    );
    expect(await problem({ modified: 'seconds' })).toMatch(/^modified-type \| indexes\.cities\.source\.modified: /);
    expect(await problem({ table: null, query: 'select id from bare', modified: 'at' })).toMatch(
      /column-unknown .*select list/,
    );
    expect(() => open({ modified: null })).toThrow(InputError);
    const bare = open({ table: { schema: 'public', name: 'bare' }, modified: 'at' });
    expect((await bare.describe(signal)).warnings).toEqual([
      expect.stringContaining('CREATE INDEX CONCURRENTLY ON "public"."bare" ("at", "id");'),
      expect.stringContaining('taken as UTC'),
    ]);
    const keys = bare.log?.resolve('countries', [['1']], null, ANY_PACE, signal)[Symbol.asyncIterator]();
    await expect(keys?.next()).rejects.toMatchObject({ code: 'dependency-unknown' });
    expect(await bare.log?.prune([await bare.position(signal)], signal)).toBe(0);
  });

  it('asks for a new position where changes were followed otherwise before', async () => {
    const snapshot = await shop.source({}).position(signal);
    const other = await open({ modified: 'deleted_at' }).position(signal);
    const { log } = open();
    for (const position of [snapshot, other]) {
      await expect(log?.changes([position], ANY_PACE, signal)).rejects.toMatchObject({ reason: 'changes-pruned' });
    }
  });
});
