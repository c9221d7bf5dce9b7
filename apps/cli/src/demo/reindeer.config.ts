import { defineConfig } from '@reindeer/config';

/** What `reindeer demo` runs. There is no url in it: everything is in the embedded PostgreSQL. */
export default defineConfig({
  connections: {
    world: { kind: 'postgres' },
    search: { kind: 'postgres' },
  },
  indexes: {
    cities: {
      source: { connection: 'world', table: 'public.city', key: ['id'] },
      sink: {
        connection: 'search',
        mappings: { text: ['name', 'label', 'municipality'], weights: { name: 'A', label: 'B' } },
      },
      transform: (city) => ({ ...city, label: `${city.name}, ${city.country}` }),
      shards: 4,
      // Often, so that whoever tries it sees the next one come.
      rebuild: { every: '1m', slices: 16 },
    },
  },
});
