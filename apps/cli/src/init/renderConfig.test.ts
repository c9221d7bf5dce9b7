import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadConfig } from '@reindeer/config';
import { expect, test } from 'vitest';
import { indexName, renderConfig, tableText } from './renderConfig.ts';

test('what it writes is a configuration, whatever the tables are called', async () => {
  const tables = [
    { schema: 'public', name: 'city', key: ['id'], rows: 10 },
    { schema: 'Odd Schema', name: 'It\'s "odd"', key: ['a\\b', "it's"], rows: 0 },
    { schema: 'other', name: 'city', key: ['id'], rows: 0 },
  ];
  const folder = await mkdtemp(path.join(tmpdir(), 'reindeer-init-'));
  try {
    const file = path.join(folder, 'reindeer.config.ts');
    await writeFile(file, renderConfig({ tables, withoutKey: ['public.log'], rebuild: { every: '1d' } }));
    const { config } = await loadConfig({
      path: file,
      env: { SOURCE_DATABASE_URL: 'postgres://h/d' },
    });
    expect(Object.keys(config.indexes)).toEqual(['city', 'it_s_odd_', 'other_city']);
    expect(config.indexes.it_s_odd_?.source.table).toEqual({ schema: 'Odd Schema', name: 'It\'s "odd"' });
    expect(config.indexes.it_s_odd_?.source.key).toEqual(['a\\b', "it's"]);
    expect(config.ledger.url).toBeNull();
    expect(config.indexes.city?.rebuild.schedule).toEqual({ kind: 'every', everyMs: 86_400_000 });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('names of tables are quoted where they must be', () => {
  expect(tableText({ schema: 'public', name: 'city' })).toBe('public.city');
  expect(tableText({ schema: 'public', name: 'a.b' })).toBe('public."a.b"');
});

test('names of indexes are unique and plain', () => {
  const taken = new Set(['orders']);
  expect(indexName({ schema: 'shop', name: 'Orders' }, taken)).toBe('shop_orders');
  expect(indexName({ schema: 'shop', name: 'orders' }, taken)).toBe('orders_2');
  expect(indexName({ schema: 'shop', name: '___' }, taken)).toBe('index');
});
