import { writeSync } from 'node:fs';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testPool } from '../../support/testPool.ts';
import type { TestServer } from '../../support/testServer.ts';
import { until } from '../../support/until.ts';
import { hasOlderPostgres, startOlderPostgres } from './olderPostgres.ts';
import { type Follower, openFollower } from './postgresLogShop.ts';

if (!hasOlderPostgres) {
  writeSync(2, '\n!! SKIPPED: the log of changes under replication. There is no PostgreSQL with initdb on PATH.\n');
}

/** What needs a server set up for it: a subscription that applies changes, and transactions that are prepared. */
describe.skipIf(!hasOlderPostgres)('the log of changes in a server with replication', () => {
  let server: TestServer | undefined;
  let publisher: Pool;
  let subscriber: Pool;
  let plain: Follower;
  let split: Follower;
  beforeAll(async () => {
    server = await startOlderPostgres(['wal_level=logical', 'max_prepared_transactions=5', 'wal_writer_delay=10s']);
    const url = (database: string) => {
      const there = new URL(server?.url ?? '');
      there.pathname = `/${database}`;
      return there.href;
    };
    const root = testPool(server.url);
    await root.query('create database publisher');
    await root.query('create database subscriber');
    await root.end();
    publisher = testPool(url('publisher'));
    subscriber = testPool(url('subscriber'));
    const tables = `create table city (id bigint primary key, name text);
      create table split (id bigint primary key, name text) partition by range (id);
      create table split_1 partition of split for values from (0) to (1000)`;
    await publisher.query(tables);
    await subscriber.query(tables);
    await publisher.query(`insert into city values (900, 'before'); create publication p for table city, split`);
    plain = openFollower({ url: url('subscriber') });
    split = openFollower({ url: url('subscriber'), definition: { table: { schema: 'public', name: 'split' } } });
    for (const follower of [plain, split]) {
      await follower.install();
      await follower.skip();
    }
  });
  afterAll(async () => {
    await Promise.all([plain?.close(), split?.close()]);
    await subscriber?.query('drop subscription if exists s').catch(() => {});
    await Promise.all([publisher?.end(), subscriber?.end()]);
    await server?.stop();
  });

  it('holds what a subscription copies and applies', async () => {
    // In one server a subscription cannot make its own slot: it would wait for itself.
    await publisher.query(`select pg_create_logical_replication_slot('s', 'pgoutput')`);
    const { hostname, port } = new URL(server?.url ?? '');
    await subscriber.query(
      `create subscription s connection 'host=${hostname} port=${port} user=postgres dbname=publisher' publication p with (create_slot = false, slot_name = 's')`,
    );
    const changes = collector(plain);
    await until('the copy is logged', async () => (await changes()).has('900'));
    await until('the tables are in step', async () => {
      const { rows } = await subscriber.query(`select from pg_subscription_rel where srsubstate <> 'r'`);
      return rows.length === 0;
    });
    await publisher.query(
      `insert into city values (1, 'new'), (2, 'new'); update city set name = 'x' where id = 900; insert into split values (5)`,
    );
    await publisher.query('update city set id = 3 where id = 2; delete from city where id = 1');
    const splits = collector(split);
    await until('the changes are logged', async () => {
      const seen = await changes();
      return ['1', '2', '3', '900'].every((id) => seen.has(id));
    });
    await until('the partition too', async () => (await splits()).has('5'));
    await publisher.query('truncate city');
    await until('the truncate is logged', async () => (await changes()).has('!'));
  });

  it('holds what a prepared transaction did, when it is committed and not before', async () => {
    await plain.skip();
    await subscriber.query(`begin; insert into city values (50, 'prepared'); prepare transaction 'one'`);
    await subscriber.query(`insert into city values (51, 'meanwhile')`);
    expect(await plain.changed()).toEqual(['51']);
    await plain.log.prune([await plain.skip()], new AbortController().signal);
    await subscriber.query(`commit prepared 'one'`);
    expect(await plain.changed()).toEqual(['50']);
  });

  it('is pruned where all tables are published', async () => {
    await subscriber.query('create publication everything for all tables');
    await subscriber.query(`insert into city values (60, 'published')`);
    expect(await plain.log.prune([await plain.skip()], new AbortController().signal)).toBeGreaterThan(0);
    await subscriber.query('drop publication everything');
  });

  it('gives no position whose commits are not on disk yet', async () => {
    const client = await subscriber.connect();
    await client.query('set synchronous_commit = off');
    for (let round = 0; round < 5; round += 1) {
      await client.query(`insert into city values (${70 + round}, 'in memory')`);
      const { rows } = await client.query<{ at: string }>('select pg_current_wal_insert_lsn() as at');
      await plain.skip();
      const durable = await client.query<{ is: boolean }>('select pg_current_wal_flush_lsn() >= $1 as is', [
        rows[0]?.at,
      ]);
      expect(durable.rows[0]?.is).toBe(true);
    }
    client.release();
  });
});

/** Everything that has come since it was made. */
function collector(follower: Follower): () => Promise<Set<string>> {
  const seen = new Set<string>();
  return async () => {
    for (const id of await follower.changed()) seen.add(id);
    return seen;
  };
}
