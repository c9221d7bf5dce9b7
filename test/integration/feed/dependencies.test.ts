import { describe, expect, it } from 'vitest';
import { booksDefinition } from '../../support/booksDefinition.ts';
import { until } from '../../support/until.ts';
import { feedFixture } from './fixture.ts';

describe('documents made of several tables', () => {
  const country = {
    name: 'public.country',
    table: { schema: 'public', name: 'country' },
    key: ['code'],
    keys: 'select id from public.city where country = $1',
  };
  const source = {
    ...booksDefinition.source,
    table: null,
    query: 'select c.id, c.title, n.name as country from public.city c join public.country n on n.code = c.country',
    changes: 'log' as const,
    dependencies: [
      country,
      { name: 'public.city', table: { schema: 'public', name: 'city' }, key: ['id'], keys: 'select $1::bigint as id' },
    ],
  };

  const open = (change: Partial<typeof source> = {}) =>
    feedFixture(
      'postgres',
      { source: { ...source, ...change } },
      {
        table: `create table public.country (code text primary key, name text);
                create table public.city (id bigint primary key, title text, country text)`,
      },
    );

  it('follow each of them: what touches many, what is taken away, and a TRUNCATE', async () => {
    const f = await open();
    const held = async () =>
      f.sql(
        `select id, body ->> 'country' as country from public.${await f.live()} where not deleted order by id::int`,
      );
    try {
      await f.sql(`insert into public.country values ('no', 'Norway'), ('se', 'Sweden')`);
      await f.sql(
        `insert into public.city select n, 'city ' || n, case when n <= 30 then 'no' else 'se' end from generate_series(1, 40) n`,
      );
      expect(await f.work('rebuild')).toMatchObject({ status: 'completed', tally: { written: 40 } });

      await f.sql(`update public.country set name = 'Norge' where code = 'no'`);
      await f.sql(`update public.city set country = 'no' where id = 40`);
      await f.pass();
      const names = await held();
      expect(names.filter(({ country: name }) => name === 'Norge')).toHaveLength(31);
      expect(names.filter(({ country: name }) => name === 'Sweden')).toHaveLength(9);

      // The join leaves nothing of them: the old key is logged too.
      await f.sql(`update public.country set code = 'sv' where code = 'se'`);
      await f.pass();
      expect(await held()).toHaveLength(31);
      await f.sql(`truncate public.country`);
      await f.pass();
      await f.refreshOwed();
      expect(await held()).toEqual([]);
    } finally {
      await f.close();
    }
  });

  it('are gone on with where the owner before left them, in the midst of what one row touches', async () => {
    const f = await open();
    try {
      await f.sql(`insert into public.country values ('no', 'Norway'), ('se', 'Sweden'), ('xx', 'Nowhere')`);
      expect(await f.work('rebuild')).toMatchObject({ status: 'completed' });
      await f.sql(
        `insert into public.city select n, 'city', case when n <= 4000 then 'no' else 'se' end from generate_series(1, 30000) n`,
      );
      // In this order in the log: one that touches nothing, one with 4,000, both again, and one with 26,000.
      for (const code of ['xx', 'no', 'xx', 'no', 'se'])
        await f.sql(`update public.country set name = name || '!' where code = $1`, [code]);
      await f.leaveMidway();
      const [left] = await f.sql(`select cursor from tasks where run = $1 and kind = 'slice'`, [f.feed]);
      expect(JSON.stringify(left)).toContain('se');
      // What is done of it is not what is new by then: this comes by the next pass.
      await f.sql(`update public.country set name = 'Sverige' where code = 'se'`);
      const written = async () =>
        (await f.sql(`select written::int from tasks where run = $1 and kind = 'slice'`, [f.feed]))[0]?.written;
      // What the countries touch, the cities themselves, and what the last one touches.
      await until('all of it is written', async () => {
        await f.turn({ maxDocuments: 5_000 });
        return Number(await written()) >= 30_000 + 30_000 + 26_000;
      });
      await f.pass();
      expect(await written()).toBe(30_000 + 30_000 + 26_000);
      expect(
        await f.sql(
          `select body ->> 'country' as name, count(*)::int from public.${await f.live()} where not deleted group by 1 order by 1`,
        ),
      ).toEqual([
        { name: 'Norway!!', count: 4_000 },
        { name: 'Sverige', count: 26_000 },
      ]);
    } finally {
      await f.close();
    }
  });

  it('follow what comes with a row that a query fails for, and owe a refresh of what that touches', async () => {
    // It divides by zero for a code of three letters.
    const fails = { ...country, keys: `${country.keys} and 1 / (length($1) - 3) <> 0` };
    const f = await open({ dependencies: [fails, ...source.dependencies.slice(1)] });
    try {
      await f.sql(`insert into public.country values ('no', 'Norway'), ('nor', 'Norge')`);
      await f.sql(`insert into public.city values (1, 'Oslo', 'no'), (2, 'Bergen', 'nor')`);
      expect(await f.work('rebuild')).toMatchObject({ status: 'completed' });
      await f.sql(`update public.country set name = name || '!'`);
      await f.pass();
      const held = async () =>
        f.sql(`select body ->> 'country' as name from public.${await f.live()} order by id::int`);
      expect(await held()).toEqual([{ name: 'Norway!' }, { name: 'Norge' }]);
      expect(await f.owed()).toMatchObject([{ state: 'live', cause: 'unresolved' }]);
      await f.refreshOwed();
      expect(await held()).toEqual([{ name: 'Norway!' }, { name: 'Norge!' }]);
    } finally {
      await f.close();
    }
  });
});
