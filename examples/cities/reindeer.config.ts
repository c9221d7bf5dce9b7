import { defineConfig } from '@reindeer/config';

// The table `public.city` of one PostgreSQL, searchable in another (or the same).
//   npx reindeer check --connect --config examples/cities/reindeer.config.ts
const countries = new Intl.DisplayNames('en', { type: 'region' });

export default defineConfig({
  ledger: { url: '${REINDEER_LEDGER_URL}' },
  queue: { url: '${REINDEER_QUEUE_URL}' },
  connections: {
    world: { kind: 'postgres', url: '${WORLD_DATABASE_URL}' },
    search: { kind: 'postgres', url: '${SEARCH_DATABASE_URL}' },
  },
  indexes: {
    cities: {
      source: { connection: 'world', table: 'public.city', key: ['id'] },
      sink: {
        connection: 'search',
        // `simple`: names are no words of a language, so nothing is stemmed.
        mappings: { language: 'simple', text: ['name', 'label'], weights: { name: 'A', label: 'B' } },
      },
      // "Berlin, Germany": what people type, beside what the table holds.
      transform: (city) => ({ ...city, label: `${city.name}, ${countries.of(String(city.country))}` }),
      // Raise it when something changes that the transform uses from outside itself, such as `countries`.
      revision: '1',
      shards: 4,
      rebuild: { every: '10m' },
    },
  },
});
