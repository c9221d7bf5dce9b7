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
});
