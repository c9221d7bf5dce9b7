import { type Key, type KeyRange, WHOLE_RANGE } from '@reindeer/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect, idsOf, readSource } from '../../../packages/connectors/src/conformance/readSource.ts';
import type { Source } from '../../../packages/connectors/src/source.ts';
import { openShop, type Shop } from './postgresShop.ts';

const signal = new AbortController().signal;
/** Every table counts as large. */
const SAMPLED = { exactBoundariesCost: 0 };

describe('boundaries of a PostgreSQL source', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop('source_boundaries');
    await shop.run(`
      create table sparse (id bigint primary key, label text);
      insert into sparse select g::bigint * g * 1000000000 - 500000000000, repeat('x', 300) from generate_series(1, 60000) g;
      create table tenants (tenant text collate "en-US-x-icu", day date, id bigint, primary key (tenant, day, id));
      insert into tenants select case when g % 10 = 0 then 'T' || g % 700 else 'big' end, date '2024-01-01' + g % 365, g from generate_series(1, 60000) g;
      create table few (id bigint primary key, is_live boolean not null, label text);
      insert into few select g, g % 5000 = 0, repeat('x', 300) from generate_series(1, 60000) g;
      create table split (id bigint primary key) partition by range (id);
      create table split_1 partition of split for values from (0) to (30000);
      create table split_2 partition of split for values from (30000) to (60000);
      insert into split select g from generate_series(0, 59999) g;
      create table changing (id numeric primary key);
      analyze;
    `);
  });
  afterAll(() => shop.close());

  const table = (name: string) => ({ schema: 'public', name });

  it('are exact on a small table, however its keys lie', async () => {
    const sparse = await sizes(shop.source({ table: table('sparse') }), 16);
    expect(Math.max(...sparse) - Math.min(...sparse)).toBeLessThanOrEqual(1);
    const source = shop.source({ table: table('tenants'), key: ['tenant', 'day', 'id'] });
    const tenants = await sizes(source, 16);
    expect(tenants).toHaveLength(16);
    expect(Math.max(...tenants) - Math.min(...tenants)).toBeLessThanOrEqual(1);
  });

  it.each([
    { name: 'sparse', key: ['id'] },
    { name: 'tenants', key: ['tenant', 'day', 'id'] },
    { name: 'split', key: ['id'] },
  ])('are near enough when $name is sampled', async ({ name, key }) => {
    const counts = await sizes(shop.source({ table: table(name), key }, SAMPLED), 8);
    expect(counts).toHaveLength(8);
    expect(counts.reduce((sum, count) => sum + count)).toBe(60_000);
    // Two thirds and four thirds of 7,500.
    expect(Math.min(...counts)).toBeGreaterThan(5_000);
    expect(Math.max(...counts)).toBeLessThan(10_000);
  });

  it('are found also where a sample holds next to nothing of the index', async () => {
    const source = shop.source({ table: table('few'), where: 'is_live' }, SAMPLED);
    expect(await sizes(source, 4)).toEqual([3, 3, 3, 3]);
  });

  it('of a query and of a view need no sample', async () => {
    const query = shop.source({ query: 'select id * 2 as id from sparse where id > 0' }, SAMPLED);
    const counts = await sizes(query, 5);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  });

  it('differ, also where a query gives keys twice', async () => {
    const source = shop.source({ query: 'select id % 3 as id from few' });
    const keys = await collect(source.boundaries(WHOLE_RANGE, 10, signal));
    expect(keys).toEqual([['0'], ['1'], ['2']]);
  });

  it('may be left after the first', async () => {
    for await (const key of shop.source({ table: table('sparse') }).boundaries(WHOLE_RANGE, 1_000, signal)) {
      expect(key).toHaveLength(1);
      break;
    }
  });

  it('cut any set of keys into equal pieces, and lose none that come later', async () => {
    const source = shop.source({ table: table('changing') });
    const sampled = shop.source({ table: table('changing') }, SAMPLED);
    const keys = fc.uniqueArray(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), { maxLength: 60 });
    const add = (list: readonly bigint[]) =>
      shop.run(
        `insert into changing select unnest(array[${list.join(', ')}]::numeric[]) * 0.001 on conflict do nothing`,
      );
    await fc.assert(
      fc.asyncProperty(keys, keys, fc.integer({ min: 1, max: 20 }), async (before, later, pieces) => {
        await shop.run('truncate changing');
        await add(before);
        const bounds = await collect(source.boundaries(WHOLE_RANGE, pieces, signal));
        const counts = await countEach(source, rangesOf(bounds));
        expect(bounds.length).toBe(Math.max(0, Math.min(pieces, before.length) - 1));
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        expect(await collect(sampled.boundaries(WHOLE_RANGE, pieces, signal))).toEqual(bounds);
        await add(later);
        const ids: string[] = [];
        for (const range of rangesOf(bounds)) ids.push(...idsOf(await collect(readSource(source, { range }))));
        const all = await shop.run('select trim_scale(id)::text from changing order by id');
        expect(ids).toEqual(all.map(([id]) => id));
      }),
      { numRuns: 25 },
    );
  });
});

function rangesOf(bounds: readonly Key[]): KeyRange[] {
  return [null, ...bounds].map((after, place) => ({ after, upTo: bounds[place] ?? null }));
}

async function sizes(source: Source, pieces: number): Promise<number[]> {
  return await countEach(source, rangesOf(await collect(source.boundaries(WHOLE_RANGE, pieces, signal))));
}

async function countEach(source: Source, ranges: readonly KeyRange[]): Promise<number[]> {
  const counts: number[] = [];
  for (const range of ranges) {
    let count = 0;
    for await (const page of readSource(source, { range, maxDocuments: 20_000 })) count += page.documents.length;
    counts.push(count);
  }
  return counts;
}
