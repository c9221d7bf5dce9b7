import { describe, expect, it } from 'vitest';
import { checkConfig } from './checkConfig.ts';

interface Draft {
  [key: string]: unknown;
}

/** A right configuration, with one place changed; undefined takes the key away. */
function draft(path?: string, value?: unknown): Draft {
  const config: Draft = {
    ledger: { url: 'postgres://u:hidden@h/l' },
    queue: { url: 'redis://h' },
    connections: { db: { kind: 'postgres', url: 'postgres://u:hidden@h/d' } },
    indexes: {
      cities: {
        source: { connection: 'db', table: 'public.city', key: ['id'] },
        sink: { connection: 'db' },
        rebuild: { every: '5m' },
      },
    },
  };
  if (path === undefined) return config;
  const parts = path.split('.');
  const last = parts.pop() as string;
  let node = config;
  for (const part of parts) {
    node[part] ??= {};
    node = node[part] as Draft;
  }
  if (value === undefined) delete node[last];
  else node[last] = value;
  return config;
}

describe('checkConfig', () => {
  it('accepts the least there can be, and resolves every default', () => {
    const { config, problems, warnings } = checkConfig(draft());
    expect(problems).toEqual([]);
    expect(warnings).toEqual([]);
    expect(config).toMatchObject({
      worker: { concurrency: 4, lease: 15_000, batchTimeout: 120_000, batch: { maxBytes: 5_000_000 } },
      retention: { runs: 7_776_000_000, generations: 2 },
      indexes: { cities: { shards: 1, errors: { maxFailed: 100 }, rebuild: { every: 300_000, sliceTarget: 60_000 } } },
    });
  });

  it.each<[string, unknown, string]>([
    ['ledgr', {}, 'ledgr: there is no such key; did you mean ledger?'],
    ['ledger.schma', 'x', 'ledger.schma: there is no such key; did you mean schema?'],
    ['indexes.cities.rebuild.evry', '5m', 'indexes.cities.rebuild.evry: there is no such key; did you mean every?'],
    ['connections', undefined, 'connections: is missing: give the servers by name.'],
    ['indexes', {}, 'indexes: there is none: give at least one.'],
    ['queue.url', 'amqp://h', 'queue.url: "amqp://h" is no queue url: give redis://…, rediss://… or postgres://….'],
    [
      'queue.url',
      'http://u:hidden@h',
      'queue.url: "http://***@h" is no queue url: give redis://…, rediss://… or postgres://….',
    ],
    [
      'queue.prefix',
      'a b',
      'queue.prefix: "a b" is no prefix: up to 40 letters, digits, `_`, `-`; braces for a hash tag in a Redis cluster.',
    ],
    [
      'connections.os',
      { kind: 'solr' },
      "connections.os.kind: \"solr\" is no kind: give 'postgres', 'opensearch' or 'elasticsearch'.",
    ],
    [
      'connections.os',
      { kind: 'opensearch' },
      'connections.os.url: is missing: give https://… or http://…; `dev` starts no such server.',
    ],
    [
      'connections.os',
      { kind: 'opensearch', url: 'postgres://u:hidden@h' },
      'connections.os.url: "postgres://***@h" is no url of OpenSearch: give https://… or http://….',
    ],
    [
      'connections.db.ca',
      './ca.pem',
      'connections.db.ca: is for search servers: for PostgreSQL add sslmode and sslrootcert to the url.',
    ],
    [
      'connections.db',
      { kind: 'opensearch', url: 'https://h' },
      'indexes.cities.source.connection: "db" is of kind opensearch, which can only be a sink: documents come from a connection of kind postgres.',
    ],
    [
      'connections.db.url',
      'mysql://u:hidden@h',
      'connections.db.url: "mysql://***@h" is no url of PostgreSQL: give postgres://….',
    ],
    [
      'indexes.Cities',
      {},
      'indexes.Cities: is no index name: up to 40 lower-case letters, digits, `_` and `-`, beginning with a letter or digit, because sinks and queues are named after it.',
    ],
    [
      'indexes.cities.source.connection',
      'dbb',
      'indexes.cities.source.connection: "dbb" is no connection; did you mean db?',
    ],
    [
      'indexes.cities.sink.connection',
      'search',
      'indexes.cities.sink.connection: "search" is no connection; there are db',
    ],
    ['indexes.cities.source.table', undefined, 'indexes.cities.source: has neither `table` nor `query`: give one.'],
    ['indexes.cities.source.query', 'select 1', 'indexes.cities.source: has both `table` and `query`: keep one.'],
    [
      'indexes.cities.source.table',
      'a.b.c',
      'indexes.cities.source.table: "a.b.c" is no table name: write schema.table, quoted in "…" where a part has a dot.',
    ],
    [
      'indexes.cities.source.key',
      'id',
      'indexes.cities.source.key: "id" is not right: give the key columns as a list, such as [\'id\'].',
    ],
    ['indexes.cities.source.key', [], "indexes.cities.source.key: is empty: give the key columns, such as ['id']."],
    ['indexes.cities.source.key', ['id', 'id'], 'indexes.cities.source.key: "id" is there twice.'],
    [
      'indexes.cities.source.changes',
      'triggers',
      "indexes.cities.source.changes: \"triggers\" is not right: give 'log', 'modified-column' or 'none'.",
    ],
    [
      'indexes.cities.source.modified',
      'updated_at',
      "indexes.cities.source.modified: is only for changes: 'modified-column': leave it out, or set changes.",
    ],
    [
      'indexes.cities.refresh',
      { every: 'daily' },
      "indexes.cities.refresh.every: \"daily\" is no duration: write a whole number and a unit, such as '250ms', '30s', '5m', '6h' or '7d'.",
    ],
    [
      'indexes.cities.incremental',
      '1s',
      'indexes.cities.incremental: expected object, received string: give an object.',
    ],
    ['indexes.cities.rebuild.soak', '31d', 'indexes.cities.rebuild.soak: "31d" is not right: give 30d or less.'],
    [
      'indexes.cities.rebuild.every',
      '5 min',
      "indexes.cities.rebuild.every: \"5 min\" is no duration: write a whole number and a unit, such as '250ms', '30s', '5m', '6h' or '7d'.",
    ],
    [
      'indexes.cities.rebuild.every',
      300,
      "indexes.cities.rebuild.every: 300 is no duration: write a whole number and a unit, such as '250ms', '30s', '5m', '6h' or '7d'.",
    ],
    ['indexes.cities.rebuild.every', '10ms', 'indexes.cities.rebuild.every: "10ms" is not right: give 1s or more.'],
    [
      'indexes.cities.rebuild.timezone',
      'UTC',
      'indexes.cities.rebuild.timezone: is only for cron, and there is none: leave it out.',
    ],
    [
      'indexes.cities.rebuild',
      { cron: '0 3 * * 0', timezone: 'Europe/Atlantis' },
      'indexes.cities.rebuild.timezone: "Europe/Atlantis" is no time zone: give one such as \'Europe/Berlin\'.',
    ],
    [
      'indexes.cities.transform',
      3,
      "indexes.cities.transform: 3 is not right: give a function, or a module's path whose default export is one.",
    ],
    ['indexes.cities.shards', 0, 'indexes.cities.shards: 0 is not right: give a whole number from 1 to 1024.'],
    ['indexes.cities.shards', 1.5, 'indexes.cities.shards: 1.5 is not right: give a whole number from 1 to 1024.'],
    [
      'indexes.cities.errors',
      { maxFailedShare: 5 },
      'indexes.cities.errors.maxFailedShare: 5 is not right: give a share from 0 to 1.',
    ],
    ['worker.concurrency', '4', 'worker.concurrency: "4" is not right: give a whole number from 1 to 256.'],
    [
      'worker.batch',
      { maxBytes: '5 MB' },
      "worker.batch.maxBytes: \"5 MB\" is no size: write a whole number and a unit, such as '500KB', '5MB' or '1GiB'.",
    ],
    [
      'worker.batchTimeout',
      '5s',
      'worker.batchTimeout: 5000 ms is shorter than worker.lease, 15000 ms: a slow batch would look like a death. Make it longer than the lease.',
    ],
    ['retention.generations', 0, 'retention.generations: 0 is not right: give a whole number from 1 to 100.'],
    [
      'dashboard.users',
      [{ name: 'a', password: 'hidden', role: 'viewer' }],
      'dashboard.users[0].password: is shorter than 8 characters: give a longer one.',
    ],
    [
      'dashboard.users',
      [{ name: 'a', password: 'hidden hidden', role: 'admin' }],
      'dashboard.users[0].role: "admin" is no role: give viewer or operator.',
    ],
  ])('%s = %j', (path, value, message) => {
    const { problems } = checkConfig(draft(path, value));
    expect(problems).toEqual([message]);
    expect(problems.join('\n')).not.toContain('hidden');
  });

  it('shows what is wrong with a cron', () => {
    const { problems } = checkConfig(draft('indexes.cities.rebuild', { cron: '61 * * * *' }));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(
      /^indexes\.cities\.rebuild\.cron: "61 \* \* \* \*" is no cron expression \(.*range.*\): write minute/,
    );
  });

  it('lists all mistakes at once', () => {
    const config = draft('indexes.cities.shards', 0);
    config.queue = { url: 'x' };
    (config.connections as Draft).db = { kind: 'mysql' };
    expect(checkConfig(config).problems).toHaveLength(3);
  });

  it.each([undefined, null, 3, 'text', []])('refuses %j as a configuration', (value) => {
    expect(checkConfig(value).problems[0]).toMatch(/^the configuration: /);
  });

  it('warns where cron and every meet, and where nothing is scheduled', () => {
    expect(checkConfig(draft('indexes.cities.rebuild', { every: '5m', cron: '0 3 * * 0' })).warnings).toEqual([
      'indexes.cities.rebuild: has both every and cron; cron wins.',
    ]);
    expect(checkConfig(draft('indexes.cities.rebuild', {})).warnings[0]).toContain('is not scheduled');
  });
});
