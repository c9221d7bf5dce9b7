import { InputError, UnavailableError } from '@reindeer/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { collect, idsOf, readSource } from '../../../packages/connectors/src/conformance/readSource.ts';
import { inspectLog, installSql, removeLog } from '../../../packages/connectors/src/postgres-log/index.ts';
import { freshDatabase } from '../../support/servers.ts';
import { testPool } from '../../support/testPool.ts';
import { until } from '../../support/until.ts';
import { ANY_PACE, type Follower, type FollowerOptions, openFollower } from './postgresLogShop.ts';
import { openShop, type Shop } from './postgresShop.ts';

const signal = new AbortController().signal;
const table = (name: string) => ({ schema: 'public', name });

describe('the log of changes in PostgreSQL', () => {
  let shop: Shop;
  const followers: Follower[] = [];
  beforeAll(async () => {
    shop = await openShop('source_log');
  });
  afterEach(async () => {
    await Promise.all(followers.splice(0).map((follower) => follower.close()));
  });
  afterAll(() => shop.close());

  const open = (options: Omit<FollowerOptions, 'url'> = {}) => {
    const follower = openFollower({ url: shop.url, ...options });
    followers.push(follower);
    return follower;
  };
  const follow = async (options: Omit<FollowerOptions, 'url'> = {}) => {
    const follower = open(options);
    await follower.install();
    expect(await follower.findings()).toEqual([]);
    await follower.skip();
    return follower;
  };
  const refused = async (options: Omit<FollowerOptions, 'url'>) => {
    const error: unknown = await open(options)
      .install()
      .catch((thrown: unknown) => thrown);
    return error instanceof InputError ? error.code : error;
  };

  describe('sees every way in which rows change', () => {
    it('of a plain table', async () => {
      await shop.run(`create table plain (id bigint primary key, name text, parent bigint references plain on delete cascade);
        insert into plain select g, 'x', null from generate_series(1, 20) g; insert into plain values (100, 'child', 20)`);
      const plain = await follow({ definition: { table: table('plain') } });
      await shop.run(
        `insert into plain values (1, 'new'), (21, 'new') on conflict (id) do update set name = 'changed'`,
      );
      expect(await plain.changed()).toEqual(['1', '21']);
      await shop.run(
        `insert into plain values (1, 'no') on conflict do nothing; update plain set name = 'x' where id < 0`,
      );
      expect(await plain.changed()).toEqual([]);
      await shop.run(`update plain set id = id + 1000 where id in (2, 3)`);
      expect(await plain.changed()).toEqual(['1002', '1003', '2', '3']);
      await shop.run('delete from plain where id = 20');
      expect(await plain.changed()).toEqual(['100', '20']);
      await shop.run(`copy plain (id) from program 'seq 30 31'`);
      expect(await plain.changed()).toEqual(['30', '31']);
      await shop.run(
        `with moved as (delete from plain where id = 30 returning *) insert into plain select id + 2, name from moved`,
      );
      expect(await plain.changed()).toEqual(['30', '32']);
      await shop.run(`merge into plain using (values (31), (33)) as v (id) on v.id = plain.id
        when matched then delete when not matched then insert (id) values (v.id)`);
      expect(await plain.changed()).toEqual(['31', '33']);
      await shop.run(`begin; set local session_replication_role = replica; insert into plain values (40); update plain set id = 41 where id = 40;
        delete from plain where id = 32; commit`);
      expect(await plain.changed()).toEqual(['32', '40', '41']);
      await shop.run('begin; set local session_replication_role = replica; truncate plain; commit');
      expect(await plain.changed()).toEqual(['!']);
    });

    it('of a BEFORE trigger that moves a key, and of a generated key', async () => {
      await shop.run(`create table made (n bigint, id text generated always as ('n' || n) stored primary key);
        create function moves() returns trigger language plpgsql as 'begin new.n := new.n + 1; return new; end';
        create trigger moves before update on made for each row execute function moves();
        insert into made values (1), (5)`);
      const made = await follow({ definition: { table: table('made') } });
      await shop.run('update made set n = 1 where n = 1');
      expect(await made.changed()).toEqual(['n1', 'n2']);
    });

    it('of a partitioned table, by its own name and by those of its partitions', async () => {
      await shop.run(`create table split (id bigint primary key, name text) partition by range (id);
        create table split_1 partition of split for values from (0) to (100);
        create table split_2 partition of split for values from (100) to (200) partition by range (id);
        create table split_2a partition of split_2 for values from (100) to (150);
        create table later (id bigint primary key, name text); insert into later values (350, 'there already')`);
      const split = await follow({ definition: { table: table('split') } });
      await shop.run(
        `insert into split values (1), (101); insert into split_1 values (2); insert into split_2a values (102)`,
      );
      expect(await split.changed()).toEqual(['1', '101', '102', '2']);
      await shop.run('update split set id = 103 where id = 1; update split_1 set id = 3 where id = 2');
      expect(await split.changed()).toEqual(['1', '103', '2', '3']);
      await shop.run(`begin; set local session_replication_role = replica; delete from split where id = 103; commit`);
      expect(await split.changed()).toEqual(['103']);
      await shop.run('truncate split_2a');
      expect(await split.changed()).toEqual(['!']);
      await shop.run('truncate split');
      expect(await split.changed()).toEqual(['!']);
      await shop.run(
        `create table split_3 partition of split for values from (200) to (300); insert into split_3 values (201)`,
      );
      expect(await split.changed()).toEqual(['!relations', '201']);
      expect(await split.changed()).toEqual([]);
      await shop.run('truncate split_3');
      expect(await split.changed()).toEqual(['!relations']);
      await shop.run(
        'alter table split attach partition later for values from (300) to (400); insert into split values (301)',
      );
      expect(await split.changed()).toEqual(['!relations', '301']);
      await shop.run('alter table split detach partition split_1');
      expect(await split.changed()).toEqual(['!relations']);
      expect(await split.findings()).toEqual(['trigger-missing', 'trigger-missing']);
      await split.install();
      expect(await split.findings()).toEqual([]);
      await split.skip();
      await shop.run('truncate split_3');
      expect(await split.changed()).toEqual(['!']);
      await shop.run('alter table split_3 disable trigger all; insert into split values (202)');
      await expect(split.changed()).rejects.toMatchObject({ reason: 'triggers-changed' });
    });

    it('of a table with children, also of one that comes later, which is told', async () => {
      await shop.run(
        `create table family (id bigint primary key); create table child (primary key (id)) inherits (family)`,
      );
      const family = await follow({ definition: { table: table('family') } });
      await shop.run('insert into family values (1); insert into child values (2); update family set id = id + 10');
      expect(await family.changed()).toEqual(['1', '11', '12', '2']);
      await shop.run('truncate child');
      expect(await family.changed()).toEqual(['!']);
      await shop.run('create table second () inherits (family); insert into second values (5)');
      await expect(family.changed()).rejects.toMatchObject({ reason: 'triggers-changed' });
      await family.install();
      expect(await family.findings()).toEqual([]);
      await family.skip();
      await shop.run('delete from family where id = 5');
      expect(await family.changed()).toEqual(['5']);
    });

    it('of a plain table that becomes a partition is told', async () => {
      await shop.run(
        `create table alone (id bigint primary key); create table whole (id bigint primary key) partition by range (id)`,
      );
      const alone = await follow({ definition: { table: table('alone') } });
      await shop.run(
        'alter table whole attach partition alone for values from (0) to (10); insert into whole values (1)',
      );
      await expect(alone.changed()).rejects.toMatchObject({ reason: 'triggers-changed' });
      await alone.install();
      await alone.skip();
      await shop.run('insert into whole values (2)');
      expect(await alone.changed()).toEqual(['2']);
    });
  });

  describe('logs the very text that a read gives', () => {
    it.each([
      ['date', ['-infinity', '0044-03-15 BC', '2024-02-29', 'infinity']],
      ['timestamptz', ['-infinity', '2024-02-29 12:00:00.000001+00', 'infinity']],
      ['timestamp', ['2024-02-29 12:00:00.000001']],
      ['numeric', ['-1.50', '0', '9007199254740993.000', `1${'0'.repeat(400)}`, 'NaN']],
      ['numeric(40,10)', ['-1.5', '100', '123456789012345678901234567890.0123456789']],
      ['double precision', ['-Infinity', '-0.1', '0.30000000000000004', '1e300', 'NaN']],
      ['char(5)', ['', 'a', 'ab c']],
      ['varchar(10)', ['', ' ', 'a ']],
      ['text', ['a', `'"\\$1`, '😀', 'x'.repeat(5_000)]],
      ['bytea', ['\\x', '\\x00', '\\xff']],
      ['boolean', ['false', 'true']],
      ['interval', ['-1 day', '1 day 2 hours', '1 year 2 months']],
      ['inet', ['10.0.0.1/32', '::1/128']],
      ['text[]', ['{}', '{a,"b,c"}']],
      ['timestamptz[]', ['{2024-02-29 12:00:00+00}']],
      ['tstzrange', ['[2024-02-29 12:00:00+00,2024-03-01 12:00:00+00)']],
      ['money', ['12.30']],
      ['mood', ['sad', 'Fine "x"']],
      ['positive', ['1.00', '2.5']],
    ])('of a key of type %s, whatever the session is set to', async (type, keys) => {
      await shop.run(`do $$ begin create type mood as enum ('sad', 'Fine "x"'); create domain positive as numeric check (value > 0); exception when duplicate_object then null; end $$;
        drop table if exists typed, typed_part`);
      for (const partitioned of [false, true]) {
        const name = partitioned ? 'typed_part' : 'typed';
        await shop.run(
          partitioned
            ? `create table ${name} (kind int default 1, id ${type} not null) partition by list (kind);
               create table ${name}_1 partition of ${name} default`
            : `create table ${name} (kind int default 1, id ${type} primary key)`,
        );
        const typed = await follow({ definition: { table: table(name) } });
        const client = testPool(shop.url, { max: 1 });
        await client.query(`set timezone = 'Asia/Kathmandu'; set datestyle = 'German'; set extra_float_digits = 0; set search_path = '';
          set intervalstyle = 'postgres_verbose'; set bytea_output = 'escape'; set standard_conforming_strings = on`);
        const cast = type === 'mood' || type === 'positive' ? `public.${type}` : type;
        for (const key of keys) await client.query(`insert into public.${name} (id) select $1::text::${cast}`, [key]);
        await client.end();
        const read = idsOf(await collect(readSource(typed.source))).sort();
        expect(read).toHaveLength(keys.length);
        expect(await typed.changed()).toEqual(read);
        await shop.run(`delete from ${name}`);
        expect(await typed.changed()).toEqual(read);
      }
    });

    it('of several columns with names that must be quoted, and refuses what has no text in a trigger', async () => {
      await shop.run(`create schema "Weird $1"; create table "Weird $1"."a ""b'" ("se'lect\\" text, "k\n1" numeric, primary key ("k\n1", "se'lect\\"));
        create view seen as select 1 as id; create unlogged table quick (id int primary key)`);
      const weird = await follow({
        definition: { table: { schema: 'Weird $1', name: `a "b'` }, key: ['k\n1', `se'lect\\`] },
        schema: `Log's "schema"`,
      });
      await shop.run(`insert into "Weird $1"."a ""b'" values ('x:y', 1.50)`);
      expect(await weird.changed()).toEqual(['1.5:x\\:y']);
      expect(await refused({ definition: { table: table('seen') } })).toBe('log-not-a-table');
      expect(await refused({ definition: { table: table('quick') } })).toBe('log-unlogged');
      const [version] = (await shop.run(`select current_setting('server_version_num')`))[0] ?? [];
      if (Number(version) < 180_000) return;
      await shop.run('create table virtual_key (n int, id int generated always as (n + 1) virtual)');
      expect(await refused({ definition: { table: table('virtual_key') } })).toBe('log-virtual-key');
    });
  });

  describe('keeps out of the way of the application', () => {
    it('whose role needs no rights on it, and whose search_path means nothing to it', async () => {
      await shop.run(`create table used (id bigint primary key, at timestamptz);
        do $$ begin create role "log app"; exception when duplicate_object then null; end $$;
        create schema evil; grant usage on schema evil to "log app"; grant all on used to "log app";
        create function evil.pg_current_xact_id() returns xid8 language sql as 'select ''7''::xid8';
        create table evil.changes (log bigint, key text[])`);
      const used = await follow({ definition: { table: table('used') } });
      await shop.run(
        `begin; set local role "log app"; set local search_path = evil, pg_catalog, public; insert into public.used values (1); commit`,
      );
      expect(await used.changed()).toEqual(['1']);
      await expect(shop.run(`begin; set local role "log app"; select * from reindeer_log.changes`)).rejects.toThrow(
        /permission denied/,
      );
      await shop.run('rollback');
      await shop.run('drop owned by "log app"; drop role "log app"');
    });

    it.each([
      ['plain', 'create table renamed (id bigint primary key)'],
      [
        'partitioned',
        'create table renamed (id bigint not null, kind int default 1) partition by list (kind); create table renamed_1 partition of renamed default',
      ],
    ])('when a key column is renamed, or of another type: %s', async (_, create) => {
      await shop.run(`drop table if exists renamed; ${create}`);
      const renamed = await follow({ definition: { table: table('renamed') } });
      await shop.run(
        'alter table renamed rename id to code; insert into renamed values (1); update renamed set code = 2; delete from renamed',
      );
      expect(await renamed.changed()).toEqual(['!']);
      await shop.run('alter table renamed rename code to id; insert into renamed values (1)');
      expect(await renamed.changed()).toEqual(['1']);
      await shop.run('alter table renamed alter id type numeric; insert into renamed values (2.50)');
      expect(await renamed.changed()).toEqual(['!']);
      expect(await renamed.findings()).toContain('function-altered');
      await renamed.install();
      await renamed.skip();
      await shop.run('insert into renamed values (3.50)');
      expect(await renamed.changed()).toEqual(['3.5']);
    });

    it('rather gives up than lets writers wait behind a long transaction', async () => {
      await shop.run('create table busy (id bigint primary key)');
      const pool = testPool(shop.url, { max: 1 });
      await pool.query('begin; insert into busy values (1)');
      const busy = open({ definition: { table: table('busy') } });
      await expect(busy.install()).rejects.toBeInstanceOf(UnavailableError);
      await pool.query('commit');
      await pool.end();
      await busy.install();
      expect(await busy.findings()).toEqual([]);
    });

    it('and is gone when it is removed', async () => {
      await shop.run('create table left_alone (id bigint primary key)');
      const gone = await follow({ definition: { table: table('left_alone') } });
      await shop.run('insert into left_alone values (1)');
      await removeLog(gone.target, signal);
      expect(await shop.run(`select tgname from pg_trigger where tgrelid = 'left_alone'::regclass`)).toEqual([]);
      await shop.run('insert into left_alone values (2)');
      await expect(gone.changed()).rejects.toMatchObject({ reason: 'triggers-changed' });
    });
  });

  describe('is compared with what it must be', () => {
    it.each([
      ['a trigger that is gone', 'drop trigger "reindeer_update_HEX" on city', ['trigger-missing']],
      ['a disabled one', 'alter table city disable trigger "reindeer_row_HEX"', ['trigger-disabled']],
      [
        'one that is not always enabled',
        'alter table city enable trigger "reindeer_truncate_HEX"',
        ['trigger-disabled'],
      ],
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
      ['an owner without rights', `alter function reindeer_log."insert_HEX"() owner to "log owner"`, ['grant-missing']],
    ])('%s', async (_, alter, kinds) => {
      await shop.run(`drop table if exists city; create table city (id bigint primary key);
        do $$ begin create role "log owner"; exception when duplicate_object then null; end $$`);
      const city = await follow();
      const [hex] =
        (await shop.run(`select right(tgname, 16) from pg_trigger where tgrelid = 'city'::regclass limit 1`))[0] ?? [];
      await shop.run(alter.replaceAll('HEX', hex ?? ''));
      expect(await city.findings()).toEqual(kinds);
      await city.install();
      expect(await city.findings()).toEqual([]);
      await city.skip();
      await shop.run('insert into city values (1)');
      expect(await city.changed()).toEqual(['1']);
      await removeLog(city.target, signal);
      await shop.run('drop owned by "log owner"; drop role "log owner"');
    });

    it('with nothing to do when it is right: installing again changes nothing, nor does it twice at once', async () => {
      await shop.run('create table steady (id bigint primary key)');
      const steady = open({ definition: { table: table('steady') } });
      await Promise.all([steady.install(), steady.install(), steady.install()]);
      await steady.skip();
      await shop.run('insert into steady values (1)');
      await Promise.all([steady.install(), steady.install()]);
      expect(await steady.changed()).toEqual(['1']);
      expect(await installSql(steady.target, null, signal)).toEqual([]);
    });

    it('and can be installed by the statements that it shows, with the grants of the role that reads', async () => {
      const database = await freshDatabase('source_log_shown');
      const pool = testPool(database.url);
      await pool.query(
        `create table city (id bigint primary key); create role "log reader" login password 'secret'; grant select on city to "log reader"`,
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
  });

  it('of a copied database is of no use there, and its positions are refused', async () => {
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

  it('resolves the rows of a dependency to the keys that they touch now, in pages', async () => {
    await shop.run(`create table country (code text, part numeric, primary key (code, part)); create table town (id numeric primary key, country text, part numeric);
      insert into country values ('de', 1.0), ('fr', 1), ('it', 1); insert into town select g * 1.50, case when g % 2 = 0 then 'de' else 'fr' end, 1 from generate_series(1, 20) g`);
    const dependency = {
      name: 'country',
      table: table('country'),
      key: ['code', 'part'],
      keys: 'select id from town where country = $1 and part = $2; ',
    };
    const towns = await follow({
      definition: { query: 'select * from town' },
      dependencies: [
        dependency,
        { ...dependency, name: 'town', table: table('town'), key: ['id'], keys: 'select $1::numeric' },
      ],
    });
    await shop.run(
      `update country set code = 'at' where code = 'de'; update town set country = 'at' where id = 3; delete from town where id = 6`,
    );
    expect(await towns.changed()).toEqual(['country at:1', 'country de:1', 'town 3', 'town 6']);
    const resolved = async (name: string, keys: string[][]) =>
      await collect(towns.log.resolve(name, keys, { ...ANY_PACE, maxDocuments: () => 4 }, signal));
    const pages = await resolved('country', [
      ['de', '1'],
      ['xx', '1'],
      ['at', '1.00'],
    ]);
    expect(pages.map((page) => page.length)).toEqual([4, 4, 1]);
    expect(pages.flat().flat()).toEqual(['9', '12', '15', '18', '21', '24', '27', '30', '3']);
    expect(await resolved('town', [['1.50']])).toEqual([[['1.5']]]);
    await expect(resolved('nothing', [['1']])).rejects.toMatchObject({ code: 'dependency-unknown' });
    const bad = open({
      definition: { query: 'select * from town' },
      dependencies: [{ ...dependency, keys: 'select nothing' }],
    });
    await expect(collect(bad.log.resolve('country', [['de', '1']], ANY_PACE, signal))).rejects.toMatchObject({
      code: 'dependency-invalid',
    });
  });

  it('reads few of its rows where few are new, however many it holds', async () => {
    await shop.run('create table heavy (id bigint primary key)');
    const heavy = await follow({ definition: { table: table('heavy') }, schema: 'heavy_log' });
    const long = testPool(shop.url, { max: 1 });
    await long.query('begin; select pg_current_xact_id()');
    const zero = await heavy.skip();
    await shop.run('insert into heavy select generate_series(1, 50000)');
    await heavy.skip();
    await shop.run('insert into heavy select generate_series(50001, 50010)');
    const reads = async () => {
      await heavy.writer.query('select pg_stat_clear_snapshot()');
      const [row] = await shop.run(
        `select seq_tup_read + idx_tup_fetch from pg_stat_user_tables where schemaname = 'heavy_log' and relname = 'changes'`,
      );
      return Number(row?.[0]);
    };
    // The long transaction holds the position's lowest number below all of them.
    expect((await heavy.source.position(signal)).at).toMatch(/^\d+:\d+:\d/);
    const before = await reads();
    expect(await heavy.changed()).toHaveLength(10);
    await long.query('rollback');
    await long.end();
    // The server counts what was read some moments later.
    const counted = async (rows: number) =>
      await until('the reads are counted', async () => {
        const now = await reads();
        return now >= rows && now;
      });
    const few = await counted(before + 10);
    expect(few - before).toBeLessThan(1_000);
    // Page after page, each row is read once, though the server has never looked at what the table holds.
    const pass = await heavy.log.changes([zero], ANY_PACE, signal);
    let keys = 0;
    for await (const page of pass.pages) keys += page.keys.length;
    expect(keys).toBe(50_010);
    expect((await counted(few + keys)) - few).toBeLessThan(2 * keys);
  });
});
