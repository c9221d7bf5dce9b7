import { describe, expect, it } from 'vitest';
import { booksDefinition } from '../../support/booksDefinition.ts';
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

  it('follow each of them: what touches many, what is taken away, and a TRUNCATE', async () => {
    const f = await feedFixture(
      'postgres',
      { source },
      {
        table: `create table public.country (code text primary key, name text);
                create table public.city (id bigint primary key, title text, country text)`,
      },
    );
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

  it('follow what comes with a row that a query fails for, and owe a refresh of what that touches', async () => {
    // It divides by zero for a code of three letters.
    const fails = { ...country, keys: `${country.keys} and 1 / (length($1) - 3) <> 0` };
    const f = await feedFixture(
      'postgres',
      { source: { ...source, dependencies: [fails, ...source.dependencies.slice(1)] } },
      {
        table: `create table public.country (code text primary key, name text);
                create table public.city (id bigint primary key, title text, country text)`,
      },
    );
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
