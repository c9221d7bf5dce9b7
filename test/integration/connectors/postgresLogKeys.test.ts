import { describe, expect, it } from 'vitest';
import { collect, idsOf, readSource } from '../../../packages/connectors/src/conformance/readSource.ts';
import { testPool } from '../../support/testPool.ts';
import { publicTable, useFollowedShop } from './postgresLogShop.ts';

describe('the log of changes in PostgreSQL logs the very text that a read gives', () => {
  const shop = useFollowedShop('log_keys');
  const { follow, refused } = shop;

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
      const typed = await follow({ definition: { table: publicTable(name) } });
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
    expect(await refused({ definition: { table: publicTable('seen') } })).toBe('log-not-a-table');
    expect(await refused({ definition: { table: publicTable('quick') } })).toBe('log-unlogged');
    const [version] = (await shop.run(`select current_setting('server_version_num')`))[0] ?? [];
    if (Number(version) < 180_000) return;
    await shop.run('create table virtual_key (n int, id int generated always as (n + 1) virtual)');
    expect(await refused({ definition: { table: publicTable('virtual_key') } })).toBe('log-virtual-key');
  });
});
