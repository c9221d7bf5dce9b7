import { describe, expect, it } from 'vitest';
import { publicTable, useFollowedShop } from './postgresLogShop.ts';

describe('the log of changes in PostgreSQL sees every way in which rows change', () => {
  const shop = useFollowedShop('log_capture');
  const { follow } = shop;

  it('of a plain table', async () => {
    await shop.run(`create table plain (id bigint primary key, name text, parent bigint references plain on delete cascade);
      insert into plain select g, 'x', null from generate_series(1, 20) g; insert into plain values (100, 'child', 20)`);
    const plain = await follow({ definition: { table: publicTable('plain') } });
    await shop.run(`insert into plain values (1, 'new'), (21, 'new') on conflict (id) do update set name = 'changed'`);
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
    const made = await follow({ definition: { table: publicTable('made') } });
    await shop.run('update made set n = 1 where n = 1');
    expect(await made.changed()).toEqual(['n1', 'n2']);
  });

  it('of a partitioned table, by its own name and by those of its partitions', async () => {
    await shop.run(`create table split (id bigint primary key, name text) partition by range (id);
      create table split_1 partition of split for values from (0) to (100);
      create table split_2 partition of split for values from (100) to (200) partition by range (id);
      create table split_2a partition of split_2 for values from (100) to (150);
      create table later (id bigint primary key, name text); insert into later values (350, 'there already')`);
    const split = await follow({ definition: { table: publicTable('split') } });
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
    // Nobody saw it away: its own name is all that it is written by meanwhile.
    await shop.run(`begin; alter table split detach partition split_3; insert into split_3 values (203);
      alter table split attach partition split_3 for values from (200) to (300); commit`);
    expect(await split.changed()).toEqual(['!relations']);
    expect(await split.changed()).toEqual([]);
    await shop.run('alter table split_3 disable trigger all; insert into split values (202)');
    await expect(split.changed()).rejects.toMatchObject({ reason: 'triggers-changed' });
  });

  it('of a table with children, also of one that comes later, which is told', async () => {
    await shop.run(
      `create table family (id bigint primary key); create table child (primary key (id)) inherits (family)`,
    );
    const family = await follow({ definition: { table: publicTable('family') } });
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
    const alone = await follow({ definition: { table: publicTable('alone') } });
    await shop.run(
      'alter table whole attach partition alone for values from (0) to (10); insert into whole values (1)',
    );
    await expect(alone.changed()).rejects.toMatchObject({ reason: 'triggers-changed' });
    await alone.install();
    await alone.skip();
    await shop.run('insert into whole values (2)');
    expect(await alone.changed()).toEqual(['2']);
  });

  it('of a table that is altered, which changes every row at once', async () => {
    await shop.run(
      'create table altered (id bigint primary key, name text, price int); insert into altered values (1)',
    );
    const altered = await follow({ definition: { table: publicTable('altered') } });
    for (const sql of [
      'add column extra int default 5',
      'alter column price type numeric using price * 100',
      'alter column price type numeric using price / 100',
      'rename column name to title',
      'drop column extra',
    ]) {
      await shop.run(`alter table altered ${sql}`);
      expect(await altered.changed()).toEqual(['!relations']);
      expect(await altered.changed()).toEqual([]);
    }
    for (const sql of ['create index on altered (title)', 'analyze altered', 'vacuum full altered'])
      await shop.run(sql);
    expect(await altered.changed()).toEqual([]);
  });

  it('of a table that takes the name of another is told', async () => {
    await shop.run(`create table renamed (id bigint primary key); create table renamed_new (id bigint primary key);
      insert into renamed_new values (1)`);
    const renamed = await follow({ definition: { table: publicTable('renamed') } });
    await shop.run(
      'begin; alter table renamed rename to renamed_old; alter table renamed_new rename to renamed; commit',
    );
    await expect(renamed.changed()).rejects.toMatchObject({ reason: 'triggers-changed' });
    await renamed.install();
    expect(await renamed.findings()).toEqual([]);
    await expect(renamed.changed()).rejects.toMatchObject({ reason: 'changes-pruned' });
    await renamed.skip();
    await shop.run('insert into renamed values (2)');
    expect(await renamed.changed()).toEqual(['2']);
  });

  it('and a log that somebody emptied, or whose state is gone, is told', async () => {
    await shop.run('create table kept (id bigint primary key)');
    const kept = await follow({ definition: { table: publicTable('kept') }, schema: 'kept_log' });
    await shop.run('insert into kept values (1); truncate kept_log.changes; insert into kept values (2)');
    expect(await kept.changed()).toEqual(['!relations', '2']);
    await shop.run('insert into kept values (3); delete from kept_log.state');
    await expect(kept.changed()).rejects.toMatchObject({ reason: 'triggers-changed' });
    await kept.install();
    expect(await kept.findings()).toEqual([]);
    await expect(kept.changed()).rejects.toMatchObject({ reason: 'changes-pruned' });
    await kept.skip();
    await shop.run('insert into kept values (4)');
    expect(await kept.changed()).toEqual(['4']);
  });

  it('of a table that two logs follow, each by triggers of its own', async () => {
    await shop.run('create table shared (id bigint primary key)');
    const one = await follow({ definition: { table: publicTable('shared') } });
    const other = await follow({ definition: { table: publicTable('shared') }, schema: 'other_log' });
    expect(await one.findings()).toEqual([]);
    await shop.run('insert into shared values (1)');
    expect(await one.changed()).toEqual(['1']);
    expect(await other.changed()).toEqual(['1']);
  });
});
