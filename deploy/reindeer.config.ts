import { defineConfig } from '@reindeer/config';

const { env } = process;

/** What docker-compose.yml runs: the demo's cities, from PostgreSQL to OpenSearch. */
export default defineConfig({
  ledger: { url: 'postgres://reindeer:${REINDEER_DATABASE_PASSWORD:-reindeer}@postgres:5432/reindeer' },
  queue: { url: 'redis://redis:6379' },
  connections: {
    world: { kind: 'postgres', url: 'postgres://reindeer:${REINDEER_DATABASE_PASSWORD:-reindeer}@postgres:5432/world' },
    search: { kind: 'opensearch', url: 'http://opensearch:9200' },
  },
  indexes: {
    cities: {
      source: { connection: 'world', table: 'public.city', key: ['id'] },
      sink: {
        connection: 'search',
        mappings: {
          dynamic: 'false',
          properties: {
            name: { type: 'text', fields: { keyword: { type: 'keyword', ignore_above: 256 } } },
            label: { type: 'text' },
            country: { type: 'keyword' },
            region: { type: 'keyword' },
            feature: { type: 'keyword' },
            population: { type: 'long' },
            location: { type: 'geo_point' },
          },
        },
        // One node has no place for a replica.
        settings: { number_of_shards: 1, number_of_replicas: 0 },
      },
      transform: ({ lat, lon, ...city }) => ({
        ...city,
        label: `${city.name}, ${city.country}`,
        // As they are: a numeric keeps all its digits, also those that a number of JavaScript would lose.
        location: { lat, lon },
      }),
      shards: 8,
      rebuild: { every: '1h', slices: 32 },
      refresh: { every: '15m' },
      verify: { every: '1h' },
    },
  },
  worker: {
    concurrency: Number(env.REINDEER_WORKER_CONCURRENCY || 4),
    batch: { maxDocuments: Number(env.REINDEER_BATCH_DOCUMENTS || 2_000) },
  },
  dashboard: {
    // Of the container; docker-compose.yml publishes it on 127.0.0.1 alone.
    host: '0.0.0.0',
    port: Number(env.REINDEER_DASHBOARD_PORT || 3_000),
    // Without a password the dashboard prints a link that signs in once.
    users:
      env.REINDEER_PASSWORD || env.REINDEER_PASSWORD_FILE
        ? [{ name: 'ops', password: '${REINDEER_PASSWORD}', role: 'operator' }]
        : [],
    metricsToken: '${REINDEER_METRICS_TOKEN:-}',
  },
});
