import { describe, expect, it } from 'vitest';
import { sourceDefinition } from '../../support/sourceDefinition.ts';
import { inPlaceFixture, SINKS, searchUrl } from './fixture.ts';

const NONE = { missing: 0, extra: 0, stale: 0 };

/** Texts that a sink's way of naming documents might stumble over. Each has at most 512 bytes. */
const TEXTS = [
  'plain',
  'a:b',
  'a\\b',
  'a\\:b',
  ':',
  '\\',
  'line\nbreak',
  'tab\tand\rreturn',
  '🦌',
  '_underscore',
  '__',
  ' space ',
  '%2F/../?#&',
  '"quoted"',
  "it's",
  'null',
  'ä',
  'a\u0308',
  'é'.repeat(256),
  'x'.repeat(512),
];

interface Case {
  readonly name: string;
  readonly table: string;
  readonly key: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const CASES: readonly Case[] = [
  { name: 'text', table: 'k text primary key', key: ['k'], rows: TEXTS.map((text) => [text]) },
  {
    name: 'two texts',
    table: 'k text, l text, primary key (k, l)',
    key: ['k', 'l'],
    rows: TEXTS.filter((text) => text.length < 100).flatMap((text) => [
      [text, 'x'],
      ['x', text],
      ['', text],
    ]),
  },
  {
    name: 'timestamptz and numeric',
    table: 'k timestamptz, l numeric, primary key (k, l)',
    key: ['k', 'l'],
    rows: [
      ['2024-02-29 23:59:59.999999+00', '1.50'],
      ['2024-02-29 23:59:59.999999+00', '12345678901234567890.000000001'],
      ['1969-12-31 12:00:00-08', '-0.10'],
      ['infinity', '0'],
      ['4713-01-01 00:00:00+00 BC', '1e30'],
    ],
  },
  {
    name: 'uuid',
    table: 'k uuid primary key',
    key: ['k'],
    rows: [['A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'], ['00000000-0000-0000-0000-000000000000']],
  },
];

describe.each(SINKS)('keys of every kind in %s', (sink) => {
  describe.skipIf(sink === 'opensearch' && searchUrl === null)('with a server', () => {
    it.each(CASES)('are found again, repaired and deleted: $name', async ({ table, key, rows }) => {
      const f = await inPlaceFixture(sink, { source: sourceDefinition('db', 'book', { key }), shards: 2 });
      try {
        await f.sql(`create table public.book (${table}, title text)`);
        const columns = key.map((_, at) => `$${at + 1}`).join(', ');
        for (const row of rows) await f.sql(`insert into public.book values (${columns}, 'first')`, row);
        expect(await f.run('rebuild')).toMatchObject({ status: 'completed', tally: { written: rows.length } });
        expect(await f.run('verify')).toMatchObject({ differences: NONE, tally: { unchanged: rows.length } });
        await f.sql(`update public.book set title = 'second'`);
        expect(await f.run('refresh')).toMatchObject({
          differences: { ...NONE, stale: rows.length },
          tally: { written: rows.length, failed: 0 },
        });
        await f.sql(`delete from public.book`);
        expect(await f.run('refresh')).toMatchObject({
          differences: { ...NONE, extra: rows.length },
          tally: { orphans: rows.length },
        });
        expect(await f.ids()).toEqual([]);
      } finally {
        await f.close();
      }
    });

    it('are not compared by shards that were cut in another order, until a rebuild cuts them anew', async () => {
      const f = await inPlaceFixture(sink, { source: sourceDefinition('db', 'book', { key: ['k'] }), shards: 4 });
      try {
        await f.sql(`create table public.book (k int primary key, title text)`);
        await f.sql(`insert into public.book select n, 'a title' from generate_series(1, 300) n`);
        await f.run('rebuild');
        await f.sql('alter table public.book alter k type bigint');
        expect(await f.run('verify', { shard: 0 })).toMatchObject({ status: 'completed' });
        await f.sql('alter table public.book alter k type text');
        for (const lane of ['verify', 'refresh'] as const)
          expect(await f.run(lane, { shard: 0 })).toMatchObject({ status: 'failed', reason: 'generation-stale' });
        await f.run('rebuild');
        expect(await f.run('verify', { shard: 0 })).toMatchObject({ status: 'completed', differences: NONE });
      } finally {
        await f.close();
      }
    });

    it('takes the document of a key that is only equal for one that has no row', async () => {
      const f = await inPlaceFixture(sink, { source: sourceDefinition('db', 'book', { key: ['k'] }) });
      try {
        await f.sql(`create table public.book (k double precision primary key, title text)`);
        await f.sql(`insert into public.book values (0, 'zero'), (1, 'one')`);
        await f.run('rebuild');
        if (sink === 'postgres')
          await f.sql(
            `insert into public.${await f.live()} (id, body, s, b, t, deleted) values ('-0', '{}', 0, 0, 0, false)`,
          );
        else await f.search('PUT', `${await f.live()}/_doc/-0`, { title: 'by hand' });
        expect(await f.run('refresh')).toMatchObject({ differences: { ...NONE, extra: 1 }, tally: { unchanged: 2 } });
        expect(await f.ids()).toEqual(['0', '1']);
      } finally {
        await f.close();
      }
    });

    it('says of each refused document why, in each refresh, and does the rest', async () => {
      const f = await inPlaceFixture(sink, {
        source: sourceDefinition('db', 'book', { key: ['k'] }),
        transform: (row) => {
          if (row.title === 'throws') throw new Error('No such author.');
          if (row.title === 'null') return null;
          if (row.title === 'bigint') return { n: 1n };
          if (row.title === 'date') return new Date(0) as unknown as Record<string, unknown>;
          return row;
        },
      });
      try {
        await f.sql(`create table public.book (k text primary key, title text)`);
        await f.sql(`insert into public.book select 'book ' || n, 'a title' from generate_series(1, 30) n`);
        await f.run('rebuild');
        await f.sql(`insert into public.book values (repeat('x', 513), 'too long'), ('new', 'new')`);
        const titles = { 1: 'throws', 2: 'null', 3: 'bigint', 4: 'date', 5: 'changed' };
        for (const [n, title] of Object.entries(titles))
          await f.sql(`update public.book set title = $2 where k = 'book ' || $1`, [n, title]);
        const seen = await f.run('refresh');
        // The one that became null is extra, and deleted.
        expect(seen).toMatchObject({
          status: 'completed',
          tally: { read: 32, unchanged: 25, written: 2, deleted: 1, failed: 4 },
          differences: { missing: 1, extra: 1, stale: 1 },
        });
        expect(
          await f.sql(`select reason, count(*)::int as n from failures where run = $1 group by 1 order by 1`, [
            seen.run,
          ]),
        ).toEqual([
          { reason: 'key-too-long', n: 1 },
          { reason: 'transform-failed', n: 3 },
        ]);
        expect(await f.run('refresh')).toMatchObject({
          status: 'completed',
          tally: { read: 32, unchanged: 27, filtered: 1, failed: 4, written: 0 },
          differences: NONE,
        });
      } finally {
        await f.close();
      }
    });
  });
});
