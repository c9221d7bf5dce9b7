import { defineConfig } from '@reindeer/config';

// The table `public.city` of a PostgreSQL, searchable in OpenSearch.
//   npx reindeer check --connect --config examples/cities-opensearch/reindeer.config.ts
const countries = new Intl.DisplayNames('en', { type: 'region' });

export default defineConfig({
  ledger: { url: '${REINDEER_LEDGER_URL}' },
  queue: { url: '${REINDEER_QUEUE_URL}' },
  connections: {
    world: { kind: 'postgres', url: '${WORLD_DATABASE_URL}' },
    // https://user:password@host:9200; `ca: './ca.pem'` where its certificate is the cluster's own.
    search: { kind: 'opensearch', url: '${OPENSEARCH_URL}' },
  },
  indexes: {
    cities: {
      source: { connection: 'world', table: 'public.city', key: ['id'] },
      sink: {
        connection: 'search',
        // As OpenSearch has them. What is not named here is kept in the document, and not searched.
        mappings: {
          dynamic: false,
          properties: {
            name: { type: 'text', analyzer: 'place', fields: { keyword: { type: 'keyword', ignore_above: 256 } } },
            label: { type: 'text', analyzer: 'place' },
            country: { type: 'keyword' },
            population: { type: 'integer' },
            location: { type: 'geo_point' },
          },
        },
        settings: {
          number_of_shards: 1,
          // One more on a cluster of several nodes; set aside while a generation is built.
          number_of_replicas: 0,
          analysis: {
            // "Sao Paulo" finds São Paulo.
            analyzer: { place: { type: 'custom', tokenizer: 'standard', filter: ['lowercase', 'asciifolding'] } },
          },
        },
      },
      // `location` for "near me", `label` for what people type: "Berlin, Germany".
      transform: ({ lat, lon, ...city }) => ({
        ...city,
        label: `${city.name}, ${countries.of(String(city.country))}`,
        location: { lat, lon },
      }),
      // Raise it when something changes that the transform uses from outside itself, such as `countries`.
      revision: '1',
      shards: 4,
      rebuild: { every: '10m' },
    },
  },
});
