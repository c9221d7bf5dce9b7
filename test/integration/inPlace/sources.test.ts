import type { SourceDefinition } from '@reindeer/core';
import { describe, expect, it } from 'vitest';
import { booksDefinition } from '../../support/booksDefinition.ts';
import { inPlaceFixture, SINKS, searchUrl } from './fixture.ts';

const NONE = { missing: 0, extra: 0, stale: 0 };

const TABLE = booksDefinition.source;

/** The same rows in four ways, each with `title` and `author`; `price` is in none of the documents. */
const SOURCES: readonly (readonly [string, SourceDefinition])[] = [
  [
    'a table with where, columns and a soft delete',
    { ...TABLE, where: 'price > 0', deleted: 'gone', columns: ['title', 'author_id'] },
  ],
  [
    'a query that joins',
    {
      ...TABLE,
      table: null,
      query: `select b.id, b.title, a.name as author from public.book b join public.author a on a.id = b.author_id
               where b.price > 0 and not b.gone -- a comment at its end`,
    },
  ],
  [
    'a query that groups, which no condition can be pushed into by itself',
    {
      ...TABLE,
      table: null,
      query: `select b.id, min(b.title) as title, string_agg(a.name, ', ' order by a.name) as author
                from public.book b join public.author a on a.id = b.author_id
               where b.price > 0 and not b.gone group by b.id`,
    },
  ],
  ['a view', { ...TABLE, table: { schema: 'public', name: 'shelf' } }],
];

describe.each(SINKS)('refresh and verify into %s, of', (sink) => {
  describe.skipIf(sink === 'opensearch' && searchUrl === null).each(SOURCES)('%s', (_, source) => {
    it('find what came, changed and left, and nothing else', async () => {
      const f = await inPlaceFixture(sink, { source, shards: 3 });
      try {
        await f.sql(`create table public.author (id int primary key, name text not null)`);
        await f.sql(`insert into public.author values (1, 'Astrid'), (2, 'Selma')`);
        await f.sql(
          `create table public.book (id bigint primary key, title text not null, author_id int not null default 1,
             price numeric not null default 1, gone boolean not null default false)`,
        );
        await f.sql(`create view public.shelf as select b.id, b.title, a.name as author from public.book b
                       join public.author a on a.id = b.author_id where b.price > 0 and not b.gone`);
        await f.sql(`insert into public.book (id, title) select n * 7, 'book ' || n from generate_series(1, 120) n`);
        expect(await f.run('rebuild')).toMatchObject({ status: 'completed', tally: { written: 120 } });
        const { run, ...seen } = await f.run('verify');
        expect(seen).toMatchObject({ differences: NONE, tally: { unchanged: 120 } });
        // Nothing was sent to the sink.
        expect(await f.sql(`select sum(bytes)::int as sent from tasks where run = $1`, [run])).toEqual([{ sent: 0 }]);

        await f.sql(`insert into public.book (id, title) values (1, 'new'), (99999, 'last')`);
        await f.sql(`update public.book set title = 'changed' where id in (70, 140)`);
        await f.sql(`update public.book set price = 0 where id = 210`);
        await f.sql(`update public.book set gone = true where id in (280, 350)`);
        await f.sql(`delete from public.book where id = 420`);
        await f.sql(`update public.book set id = 2 where id = 490`);
        const different = { missing: 3, extra: 5, stale: 2 };
        expect(await f.run('verify')).toMatchObject({ status: 'completed', differences: different });
        expect(await f.run('refresh')).toMatchObject({
          differences: different,
          tally: { written: 5, orphans: 5, deleted: 0, failed: 0 },
        });
        expect(await f.run('refresh')).toMatchObject({ differences: NONE, tally: { written: 0, orphans: 0 } });
        const rows = await f.sql(
          `select id::text as id from public.book where price > 0 and not gone order by id::text collate "C"`,
        );
        expect(await f.ids()).toEqual(rows.map(({ id }) => id).toSorted());
      } finally {
        await f.close();
      }
    });
  });
});
