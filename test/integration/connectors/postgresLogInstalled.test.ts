import { describe, expect, it } from 'vitest';
import { inspectLog, installSql, removeLog } from '../../../packages/connectors/src/postgres-log/index.ts';
import { freshDatabase } from '../../support/servers.ts';
import { testPool } from '../../support/testPool.ts';
import { until } from '../../support/until.ts';
import { ANY_PACE, openFollower, publicTable, useFollowedShop } from './postgresLogShop.ts';

const signal = new AbortController().signal;

describe('the log of changes in PostgreSQL is compared with what it must be', () => {
  const shop = useFollowedShop('log_installed');
  const { follow, open } = shop;

  it.each([
    ['a trigger that is gone', 'drop trigger "reindeer_update_HEX" on city', ['trigger-missing']],
    ['a disabled one', 'alter table city disable trigger "reindeer_row_HEX"', ['trigger-disabled']],
    ['one that is not always enabled', 'alter table city enable trigger "reindeer_truncate_HEX"', ['trigger-disabled']],
    [
      'one that was off for a while',
      'alter table city disable trigger "reindeer_insert_HEX"; alter table city enable trigger "reindeer_insert_HEX"',
      ['trigger-altered'],
    ],
    [
      'one with a condition',
      'drop trigger "reindeer_row_HEX" on city; create trigger "reindeer_row_HEX" after insert or update or delete on city for each row when (pg_trigger_depth() > 0) execute function reindeer_log."row_HEX"(); alter table city enable replica trigger "reindeer_row_HEX"',
      ['trigger-altered'],
    ],
    [
      'another function',
      `create or replace function reindeer_log."insert_HEX"() returns trigger language plpgsql as 'begin return null; end'`,
      ['function-altered'],
    ],
    ['no function', `drop function reindeer_log."insert_HEX"() cascade`, ['trigger-missing', 'function-missing']],
    [
      'an owner without rights',
      `alter function reindeer_log."insert_HEX"() owner to "log owner"`,
      ['function-altered', 'grant-missing'],
    ],
    [
      'a function that was another for a while',
      `do $do$ declare was text := pg_get_functiondef('reindeer_log."insert_HEX"'::regproc); begin
         create or replace function reindeer_log."insert_HEX"() returns trigger language plpgsql as 'begin return null; end';
         execute was; end $do$`,
      ['function-altered'],
    ],
  ])('%s', async (_, alter, kinds) => {
    await shop.run(`drop table if exists city; create table city (id bigint primary key);
      do $$ begin create role "log owner"; exception when duplicate_object then null; end $$`);
    const city = await follow();
    const [hex] =
      (await shop.run(`select right(tgname, 16) from pg_trigger where tgrelid = 'city'::regclass limit 1`))[0] ?? [];
    await shop.run(alter.replaceAll('HEX', hex ?? ''));
    expect(await city.findings()).toEqual(kinds);
    await expect(city.changed()).rejects.toMatchObject({ reason: 'triggers-changed' });
    await city.install();
    expect(await city.findings()).toEqual([]);
    await city.skip();
    await shop.run('insert into city values (1)');
    expect(await city.changed()).toEqual(['1']);
    await removeLog(city.target, signal);
    await shop.run('drop owned by "log owner"; drop role "log owner"');
  });

  it.each([
    ['a column that was renamed', 'rename column key to keys'],
    ['one of another type', 'alter column key type integer using 1'],
    ['a default that is gone', 'alter column xid drop default'],
    ['one more that must be given', 'add column reason text not null'],
  ])('the tables of the log too: %s', async (_, alter) => {
    await shop.run('drop table if exists city; create table city (id bigint primary key)');
    const city = await follow();
    await shop.run(`delete from reindeer_log.changes; alter table reindeer_log.changes ${alter}`);
    await expect(shop.run('insert into city values (1)')).rejects.toThrow();
    expect((await city.findings())[0]).toBe('log-missing');
    await city.install();
    expect(await city.findings()).toEqual([]);
    await expect(city.changed()).rejects.toMatchObject({ reason: 'changes-pruned' });
    await city.skip();
    await shop.run('insert into city values (2)');
    expect(await city.changed()).toEqual(['2']);
    await removeLog(city.target, signal);
  });

  it('with nothing to do when it is right: installing again changes nothing, nor does it twice at once', async () => {
    await shop.run('create table steady (id bigint primary key)');
    const steady = open({ definition: { table: publicTable('steady') } });
    await Promise.all([steady.install(), steady.install(), steady.install()]);
    await steady.skip();
    await shop.run('insert into steady values (1)');
    await Promise.all([steady.install(), steady.install()]);
    expect(await steady.changed()).toEqual(['1']);
    expect(await installSql(steady.target, null, signal)).toEqual([]);
  });

  it('and changes nothing where a writer of several tables and the installation wait for each other', async () => {
    await shop.run(
      'create table parent (id bigint primary key); create table child (primary key (id)) inherits (parent)',
    );
    const parent = open({ definition: { table: publicTable('parent') } });
    const pool = testPool(shop.url, { max: 1 });
    const writer = await pool.connect();
    try {
      // So that the installation notices, and is the one to give up.
      await writer.query(`set deadlock_timeout = '1min'; begin; insert into child values (1)`);
      const installing = parent.install().catch((error: unknown) => error);
      await until('the installation waits for the writer', async () => {
        const [row] = await shop.run(
          `select count(*)::text from pg_locks where not granted and relation = 'child'::regclass`,
        );
        return row?.[0] === '1';
      });
      await writer.query('insert into parent values (2)');
      expect(await installing).toMatchObject({
        reason: 'source-unavailable',
        message: expect.stringMatching(/were not installed on "public"."parent": its writers did not make way \(/),
      });
      await writer.query('commit');
    } finally {
      writer.release();
      await pool.end();
    }
    await parent.install();
    expect(await parent.findings()).toEqual([]);
  });

  it('and can be installed by the statements that it shows, with the grants of the role that reads', async () => {
    const database = await freshDatabase('source_log_shown');
    const pool = testPool(database.url);
    // Such a role is often one that only reads, and nothing here depends on what else it is set to.
    await pool.query(
      `create table city (id text primary key); create role "log reader" login password 'secret'; grant select on city to "log reader";
       alter role "log reader" set default_transaction_read_only = on; alter role "log reader" set default_transaction_isolation = serializable;
       alter role "log reader" set quote_all_identifiers = on`,
    );
    const shown = openFollower({ url: database.url });
    const url = new URL(database.url);
    url.username = 'log reader';
    url.password = 'secret';
    const reader = openFollower({ url: url.href });
    await expect(reader.skip()).rejects.toMatchObject({ reason: 'triggers-changed' });
    for (const statements of await installSql(shown.target, null, signal)) await pool.query(statements.join('\n'));
    expect(await shown.findings()).toEqual([]);
    await expect(reader.skip()).rejects.toMatchObject({ code: 'permission' });
    const grants = await inspectLog(shown.target, 'log reader', signal);
    expect(grants).toMatchObject([{ kind: 'grant-missing' }]);
    for (const statements of await installSql(shown.target, 'log reader', signal))
      await pool.query(statements.join('\n'));
    expect(await inspectLog(shown.target, 'log reader', signal)).toEqual([]);
    expect(await reader.findings()).toEqual([]);
    await reader.skip();
    await pool.query('insert into city values (1)');
    expect(await reader.changed()).toEqual(['1']);
    expect(await reader.log.prune([await reader.skip()], signal)).toBe(1);
    // What is told mends it, and names neither the index's own table nor another's.
    await pool.query('revoke select on reindeer_log.changes from "log reader"; insert into city values (2)');
    await expect(reader.changed()).rejects.toMatchObject({
      code: 'permission',
      message: expect.stringMatching(
        /Run as the log's owner: grant select on "reindeer_log"."changes" to "log reader";$/,
      ),
    });
    await Promise.all([shown.close(), reader.close()]);
    await pool.query('drop owned by "log reader"; drop role "log reader"');
    await pool.end();
    await database.drop();
  });

  it('and is of no use in a copy of its database, where its positions are refused', async () => {
    const database = await freshDatabase('source_log_copied');
    const pool = testPool(database.url);
    await pool.query('create table city (id bigint primary key)');
    const first = openFollower({ url: database.url });
    await first.install();
    const position = await first.skip();
    await pool.query('insert into city values (1)');
    await first.close();
    await pool.end();
    const copy = `${database.name}_copy`;
    await shop.run(`create database "${copy}" template "${database.name}"`);
    const url = new URL(database.url);
    url.pathname = `/${copy}`;
    const second = openFollower({ url: url.href });
    await expect(second.log.changes([position], ANY_PACE, signal)).rejects.toMatchObject({ reason: 'source-replaced' });
    await expect(second.skip()).rejects.toMatchObject({ reason: 'triggers-changed' });
    expect(await second.findings()).toContain('log-restored');
    await second.install();
    expect(await second.findings()).toEqual([]);
    await second.skip();
    await second.writer.query('insert into city values (2)');
    expect(await second.changed()).toEqual(['2']);
    await second.close();
    await shop.run(`drop database "${copy}" with (force)`);
    await database.drop();
  });
});
