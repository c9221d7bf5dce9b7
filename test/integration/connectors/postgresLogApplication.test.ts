import { UnavailableError } from '@reindeer/core';
import { describe, expect, it } from 'vitest';
import { removeLog } from '../../../packages/connectors/src/postgres-log/index.ts';
import { testPool } from '../../support/testPool.ts';
import { publicTable, useFollowedShop } from './postgresLogShop.ts';

const signal = new AbortController().signal;

describe('the log of changes in PostgreSQL keeps out of the way of the application', () => {
  const shop = useFollowedShop('log_application');
  const { follow, open } = shop;

  it('whose role needs no rights on it, and whose search_path means nothing to it', async () => {
    await shop.run(`create table used (id bigint primary key, at timestamptz);
      do $$ begin create role "log app"; exception when duplicate_object then null; end $$;
      create schema evil; grant usage on schema evil to "log app"; grant all on used to "log app";
      create function evil.pg_current_xact_id() returns xid8 language sql as 'select ''7''::xid8';
      create table evil.changes (log bigint, key text[])`);
    const used = await follow({ definition: { table: publicTable('used') } });
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
    const renamed = await follow({ definition: { table: publicTable('renamed') } });
    await shop.run(
      'alter table renamed rename id to code; insert into renamed values (1); update renamed set code = 2; delete from renamed',
    );
    expect(await renamed.changed()).toEqual(['!', '!relations']);
    await shop.run('alter table renamed rename code to id; insert into renamed values (1)');
    expect(await renamed.changed()).toEqual(['!relations', '1']);
    await shop.run('alter table renamed alter id type numeric; insert into renamed values (2.50)');
    expect(await renamed.changed()).toEqual(['!', '!relations']);
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
    const busy = open({ definition: { table: publicTable('busy') } });
    await expect(busy.install()).rejects.toBeInstanceOf(UnavailableError);
    await pool.query('commit');
    await pool.end();
    await busy.install();
    expect(await busy.findings()).toEqual([]);
  });

  it('and is gone when it is removed', async () => {
    await shop.run('create table left_alone (id bigint primary key)');
    const gone = await follow({ definition: { table: publicTable('left_alone') } });
    await shop.run('insert into left_alone values (1)');
    await removeLog(gone.target, signal);
    expect(await shop.run(`select tgname from pg_trigger where tgrelid = 'left_alone'::regclass`)).toEqual([]);
    await shop.run('insert into left_alone values (2)');
    await expect(gone.changed()).rejects.toMatchObject({ reason: 'triggers-changed' });
  });
});
