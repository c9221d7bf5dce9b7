import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { printConfig } from '../printConfig.ts';
import { loadConfig } from './loadConfig.ts';

it('loads examples/cities without a warning', async () => {
  const path = fileURLToPath(new URL('../../../../examples/cities/reindeer.config.ts', import.meta.url));
  const names = ['REINDEER_LEDGER_URL', 'REINDEER_QUEUE_URL', 'WORLD_DATABASE_URL', 'SEARCH_DATABASE_URL'];
  const { config, warnings } = await loadConfig({
    path,
    env: Object.fromEntries(names.map((name) => [name, 'postgres://h/d'])),
  });
  expect(warnings).toEqual([]);
  const transform = config.indexes.cities?.transform;
  expect(transform?.({ id: 1, name: 'Berlin', country: 'DE' })).toMatchObject({ label: 'Berlin, Germany' });
});

it('loads examples/cities-opensearch without a warning', async () => {
  const path = fileURLToPath(new URL('../../../../examples/cities-opensearch/reindeer.config.ts', import.meta.url));
  const names = ['REINDEER_LEDGER_URL', 'REINDEER_QUEUE_URL', 'WORLD_DATABASE_URL'];
  const { config, warnings } = await loadConfig({
    path,
    env: {
      ...Object.fromEntries(names.map((name) => [name, 'postgres://h/d'])),
      OPENSEARCH_URL: 'https://user:password@h:9200',
    },
  });
  expect(warnings).toEqual([]);
  expect(config.connections.search).toEqual({
    name: 'search',
    kind: 'opensearch',
    url: 'https://user:password@h:9200',
  });
  expect(printConfig(config)).not.toContain('user:password');
  const transform = config.indexes.cities?.transform;
  expect(transform?.({ id: 1, name: 'Berlin', country: 'DE', lat: 52.5, lon: 13.4 })).toEqual({
    id: 1,
    name: 'Berlin',
    country: 'DE',
    label: 'Berlin, Germany',
    location: { lat: 52.5, lon: 13.4 },
  });
});
