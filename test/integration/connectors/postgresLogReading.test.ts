import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { collect } from '../../../packages/connectors/src/conformance/readSource.ts';
import { testPool } from '../../support/testPool.ts';
import { until } from '../../support/until.ts';
import { ANY_PACE, publicTable, useFollowedShop } from './postgresLogShop.ts';

const signal = new AbortController().signal;

describe('reading the log of changes in PostgreSQL', () => {
  const shop = useFollowedShop('log_reading');
  const { follow, open } = shop;

  it('resolves the rows of a dependency to the keys that they touch now, in pages', async () => {
    // How many rows are asked for at a time depends on how long the server took for those before.
    const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
    onTestFinished(() => clock.mockRestore());
    await shop.run(`create table country (code text, part numeric, primary key (code, part)); create table town (id numeric primary key, country text, part numeric);
      insert into country values ('de', 1.0), ('fr', 1), ('it', 1); insert into town select g * 1.50, case when g % 2 = 0 then 'de' else 'fr' end, 1 from generate_series(1, 20) g`);
    const dependency = {
      name: 'country',
      table: publicTable('country'),
      key: ['code', 'part'],
      keys: 'select id from town where country = $1 and part = $2; ',
    };
    const towns = await follow({
      definition: { query: 'select * from town' },
      dependencies: [
        dependency,
        { ...dependency, name: 'town', table: publicTable('town'), key: ['id'], keys: 'select $1::numeric' },
      ],
    });
    await shop.run(
      `update country set code = 'at' where code = 'de'; update town set country = 'at' where id = 3; delete from town where id = 6`,
    );
    expect(await towns.changed()).toEqual(['country at:1', 'country de:1', 'town 3', 'town 6']);
    const resolved = async (name: string, rows: string[][], after: string[] | null = null, most = 4) =>
      await collect(towns.log.resolve(name, rows, after, { ...ANY_PACE, maxDocuments: () => most }, signal));
    const rows = [
      ['de', '1'],
      ['xx', '1'],
      ['at', '1.00'],
    ];
    expect(await resolved('country', rows)).toEqual([
      { keys: [['9'], ['12'], ['15'], ['18']], done: 0, after: ['18'], unresolved: null },
      { keys: [['21'], ['24'], ['27'], ['30']], done: 0, after: ['30'], unresolved: null },
      { keys: [], done: 1, after: null, unresolved: null },
      { keys: [['3']], done: 3, after: null, unresolved: null },
    ]);
    // Gone on with, and of both that are asked for at once the second does not fit.
    await shop.run(`insert into town select 100 + g, 'xx', 1 from generate_series(1, 7) g`);
    expect(
      (await resolved('country', rows, ['18'], 10)).map(({ keys, done, after }) => [keys.length, done, after]),
    ).toEqual([
      [4, 1, null],
      [5, 1, ['105']],
      [2, 2, null],
      [1, 3, null],
    ]);
    // As many rows at a time as have few keys; each key once, and no text ends what it is a part of.
    const many = Array.from({ length: 100 }, (_, n) => [String(n / 2)]);
    const pages = await resolved('town', [...many, ['0.50']], null, 1_000);
    expect(pages.map(({ done }) => done)).toEqual([1, 3, 7, 15, 31, 63, 101]);
    expect(pages.at(-1)?.keys).toHaveLength(38);
    const odd = [
      [`'); drop table town; --`, '1'],
      [`\\`, '1'],
      ['de', '1'],
    ];
    expect((await resolved('country', odd, null, 100)).flatMap(({ keys }) => keys)).toHaveLength(8);
    // A row whose values the query stumbles over keeps none from what others touch.
    const stumbling = [['1.5'], ['3'], ['4.5'], ['no number'], ['6']];
    expect((await resolved('town', stumbling, null, 100)).map(({ keys, unresolved }) => unresolved ?? keys)).toEqual([
      [['1.5']],
      [['3'], ['4.5']],
      expect.stringContaining('town" touches fails for the row ["no number"]: invalid input syntax for type numeric'),
      [['6']],
    ]);
    await expect(resolved('nothing', [['1']])).rejects.toMatchObject({ code: 'dependency-unknown' });
    const bad = open({
      definition: { query: 'select * from town' },
      dependencies: [{ ...dependency, keys: 'select nothing' }],
    });
    await expect(collect(bad.log.resolve('country', [['de', '1']], null, ANY_PACE, signal))).rejects.toMatchObject({
      code: 'dependency-invalid',
    });
  });

  it('owes a refresh where the server was put back to before a position, under the same timeline', async () => {
    await shop.run('create table put_back (id bigint primary key)');
    const one = await follow({ definition: { table: publicTable('put_back') }, schema: 'put_back_log' });
    const position = await one.skip();
    await shop.run('insert into put_back values (1)');
    const later = 1_000_000n + BigInt(position.at.split(':')[1] ?? 0);
    const ahead = { ...position, at: `${later}:${later}:` };
    const pass = await one.log.changes([ahead], ANY_PACE, signal, { upTo: ahead, cursor: '' });
    expect(pass).toMatchObject({ refreshOwed: ['timeline'], upTo: { timeline: position.timeline } });
    expect(pass.upTo.at).not.toBe(ahead.at);
    expect(await collect(pass.pages)).toEqual([]);
    expect((await one.log.changes([pass.upTo], ANY_PACE, signal)).refreshOwed).toEqual([]);
  });

  it('reads few rows where few are new, however many it holds', async () => {
    await shop.run('create table heavy (id bigint primary key)');
    const heavy = await follow({ definition: { table: publicTable('heavy') }, schema: 'heavy_log' });
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
