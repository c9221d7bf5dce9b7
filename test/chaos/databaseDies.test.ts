import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { searchClient } from '../integration/connectors/searchClient.ts';
import { Random } from '../race/Random.ts';
import { type Deployment, deploy, type Running } from '../support/deployment.ts';
import { openSearchUrl } from '../support/openSearch.ts';
import { type PrivatePostgres, startPrivatePostgres } from '../support/privatePostgres.ts';
import { describeRedis, freshPrefix } from '../support/servers.ts';
import { testPool } from '../support/testPool.ts';
import { until } from '../support/until.ts';

const CRASHES = Number(process.env.CHAOS_CRASHES ?? 3);
const KEYS = 400;
const seed = Number(process.env.LOAD_SEED ?? Math.floor(Math.random() * 1e9));
const searchUrl = await openSearchUrl(3);

interface Standing {
  readonly index: string;
  readonly generation: string;
  readonly passed: boolean;
  readonly owed: boolean;
}

/**
 * The PostgreSQL that is source, ledger and a sink at once dies in the midst of everything. Sessions that do not wait for
 * the disk lose what they committed last, and the numbers of those transactions come again for others.
 */
describeRedis(`a database that dies, from seed ${seed}`, () => {
  const random = new Random(seed);
  const inDatabase = freshPrefix('items').replaceAll('-', '_');
  const inSearch = searchUrl === null ? null : freshPrefix('found').replaceAll('-', '_');
  const indexes = inSearch === null ? [inDatabase] : [inDatabase, inSearch];
  let server: PrivatePostgres;
  let d: Deployment;
  let pool: pg.Pool;
  const apps: Running[] = [];
  let failedWrites = 0;

  beforeAll(async () => {
    server = await startPrivatePostgres();
    const url = await server.url('shop');
    d = await deploy('dies', 'redis', undefined, { url, drop: async () => {} });
    pool = testPool(url, { max: 4 });
    await pool.query(`create table item (id bigint primary key, title text not null)`);
    await pool.query(`insert into item select n, 'first ' || n from generate_series(1, ${KEYS}) n where n % 3 <> 0`);
    const index = (sink: string) => `{
      source: { connection: 'db', table: 'public.item', key: ['id'], changes: 'log' }, sink: ${sink},
      transform: (row) => ({ id: row.id, title: row.title }), shards: 2, incremental: { every: '100ms' },
      rebuild: { every: '6s', slices: 4, maxLag: '10s', soak: '1h' }, refresh: { every: '5s' }, errors: { maxFailed: 0 } }`;
    const search = `{ connection: 'search', mappings: { dynamic: false }, settings: { number_of_replicas: 0 } }`;
    await d.configure(
      `{ '${inDatabase}': ${index(`{ connection: 'db' }`)}${inSearch === null ? '' : `, '${inSearch}': ${index(search)}`} }`,
      `connections: { db: { kind: 'postgres', url: '${url}' }${inSearch === null ? '' : `, search: { kind: 'opensearch', url: '${searchUrl}' }`} },
       worker: { lease: '5s', batchTimeout: '6s' },`,
    );
    const migrated = await d.reindeer(['migrate', '--source']);
    expect(migrated.code, migrated.stderr).toBe(0);
    apps.push(await d.start('scheduler'), await d.start('worker'), await d.start('worker'));
    await until('both indexes are live', async () => (await standings()).length === indexes.length, 60_000);
  }, 180_000);

  afterAll(async () => {
    await d?.close();
    await pool?.end();
    await server?.stop();
    if (inSearch !== null) await searchClient(searchUrl ?? '')('DELETE', `${inSearch},${inSearch}_g*`);
  }, 60_000);

  it(
    'loses nothing that was kept, and shows nothing that was not',
    async () => {
      for (let crash = 0; crash < CRASHES; crash += 1) {
        const stop = new AbortController();
        const clients = ['on', 'off'].map((synchronous) => write(synchronous, random.fork(), stop.signal));
        await wait(random.between(2_000, 6_000));
        await server.crash();
        await wait(random.between(0, 3_000));
        await server.start();
        await wait(random.between(0, 2_000));
        stop.abort();
        await Promise.all(clients);
        // Here, so that no later crash repairs what this one broke.
        await caughtUp();
        await expectEqual();
        await until('each index is built anew', rebuilt, 90_000).catch(async (error: unknown) => {
          const said = apps.map((app) => app.output().slice(-2_000)).join('\n---\n');
          throw new Error(`${JSON.stringify(await rebuilds())}\n${said}`, { cause: error });
        });
      }
      expect(failedWrites).toBeGreaterThan(0);
      for (const app of apps) expect(app.process.exitCode, app.output().slice(-2_000)).toBeNull();
    },
    CRASHES * 180_000,
  );

  /** What is live holds the table's rows, and nothing else. */
  async function expectEqual(): Promise<void> {
    const { rows } = await pool.query<{ id: string; title: string }>('select id, title from item');
    const expected = new Map(rows.map(({ id, title }) => [id, title]));
    expect(await documentsInDatabase()).toEqual(expected);
    if (inSearch !== null) expect(await documentsInSearch(inSearch)).toEqual(expected);
  }

  async function documentsInDatabase(): Promise<ReadonlyMap<string, string>> {
    const { rows } = await pool.query<{ id: string; title: string }>(
      `select id, body ->> 'title' as title from ${inDatabase}`,
    );
    return new Map(rows.map(({ id, title }) => [id, title]));
  }

  async function documentsInSearch(index: string): Promise<ReadonlyMap<string, string>> {
    const search = searchClient(searchUrl ?? '');
    await search('POST', `${index}/_refresh`);
    const { hits } = await search('POST', `${index}/_search`, { size: 2 * KEYS });
    return new Map(
      hits.hits.map(({ _id, _source }: { _id: string; _source: { title: string } }) => [_id, _source.title]),
    );
  }

  /** An application that goes on when its database is back. `synchronous`: whether it waits for the disk. */
  async function write(synchronous: string, own: Random, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const title = `v${own.between(0, 1e9)}`;
      const id = own.between(1, KEYS);
      const change = own.pick([
        `insert into item values (${id}, '${title}') on conflict (id) do update set title = excluded.title`,
        `update item set title = '${title}' where id between ${id} and ${id + 5}`,
        `delete from item where id = ${id}`,
        `update item set id = ${id + KEYS}, title = '${title}' where id = ${id} and not exists (select from item where id = ${id + KEYS})`,
        `update item set id = ${id}, title = '${title}' where id = ${id + KEYS} and not exists (select from item where id = ${id})`,
      ]);
      // The pool ends a session that has failed.
      await pool.query(`begin; set local synchronous_commit = ${synchronous}; ${change}; commit`).catch(() => {
        failedWrites += 1;
      });
      await wait(own.between(0, 20));
    }
  }

  async function standings(since = '-infinity'): Promise<readonly Standing[]> {
    const { rows } = await pool.query<Standing>(
      `select g.index, g.name as generation, c.passed_at > $1 as passed,
              exists (select from reindeer.owed_refreshes o where o.generation = g.generation and o.discharged_at is null) as owed
         from reindeer.generations g join reindeer.consumers c on c.generation = g.generation and c.log = 'source'
        where g.state = 'live'`,
      [since],
    );
    return rows;
  }

  /** What was committed by now is in what is live, and no refresh is owed. */
  async function caughtUp(): Promise<void> {
    const { at } = await until('the database answers', () =>
      pool.query<{ at: string }>('select clock_timestamp()::text as at').then(
        ({ rows }) => rows[0] ?? false,
        () => false,
      ),
    );
    await until(
      'what is live is caught up',
      async () => {
        const now = await standings(at);
        return now.length === indexes.length && now.every(({ passed, owed }) => passed && !owed);
      },
      120_000,
    );
  }

  /** What keeps them from being rebuilt. */
  async function rebuilds(): Promise<readonly unknown[]> {
    const { rows: runs } = await pool.query(
      `select r.index, r.run, r.lane, r.status, r.phase, r.reason, r.error, r.created_at,
              (select jsonb_agg(jsonb_build_object('task', t.kind || ' ' || t.number, 'status', t.status, 'not_before', t.not_before,
                 'error', t.error, 'waits', t.waits_for)) from reindeer.tasks t where t.run = r.run) as tasks
         from reindeer.runs r where r.finished_at is null or r.lane = 'rebuild' and r.status <> 'completed'
        order by run`,
    );
    const { rows: decisions } = await pool.query(
      `select * from (select distinct on (index, reason) * from reindeer.decisions where lane = 'rebuild' order by index, reason, 1 desc) d`,
    );
    return [...runs, ...decisions];
  }

  async function rebuilt(): Promise<boolean> {
    const { rows } = await pool.query<{ index: string }>(
      `select distinct index from reindeer.runs where lane = 'rebuild' and status = 'completed'
          and created_at > pg_postmaster_start_time()`,
    );
    return rows.length === indexes.length;
  }
});
