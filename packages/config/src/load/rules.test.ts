import { describe, expect, it } from 'vitest';
import { checkConfig } from './checkConfig.ts';

/** The least there can be, with parts of the one index and of the whole replaced. */
function config(index: object = {}, whole: object = {}): object {
  const cities = {
    source: { connection: 'db', table: 'city', key: ['id'] },
    sink: { connection: 'db' },
    rebuild: { every: '5m' },
  };
  return { connections: { db: { kind: 'postgres' } }, indexes: { cities: { ...cities, ...index } }, ...whole };
}

describe('rules', () => {
  it('let nobody be called like whoever signs in by a link', () => {
    const users = [{ name: 'link:once', password: 'a long password', role: 'viewer' }];
    expect(checkConfig(config({}, { dashboard: { users } })).problems).toEqual([
      'dashboard.users[0].name: "link:once" begins like whoever signs in by a link is called: give another name.',
    ]);
  });

  it('tell their mistakes beside those of single values', () => {
    const wrong = config(
      {
        source: { connection: 'bd', table: 'city', query: 'select 1', key: 'id' },
        shards: 0,
        rebuild: { timezone: 'UTC', evry: '1s' },
      },
      {
        worker: { lease: '3m', concurrency: 0 },
        dashboard: { port: '80', users: [{ name: 'a' }, { name: 'a' }] },
        extra: 1,
      },
    );
    expect(checkConfig(wrong).problems.map((line) => line.split(':')[0])).toEqual([
      'indexes.cities.source.key',
      'indexes.cities.shards',
      'indexes.cities.rebuild.evry',
      'worker.concurrency',
      'dashboard.port',
      'dashboard.users[0].password',
      'dashboard.users[0].role',
      'dashboard.users[1].password',
      'dashboard.users[1].role',
      'extra',
      'indexes.cities.source.connection',
      'indexes.cities.source',
      'indexes.cities.rebuild.timezone',
      'worker.batchTimeout',
      'dashboard.users',
    ]);
  });

  it('tell nothing twice: what is wrong in itself is not judged again', () => {
    const wrong = config({ source: 3, rebuild: 'daily' }, { connections: 'none', worker: { lease: 3 } });
    expect(checkConfig(wrong).problems.map((line) => line.split(':')[0])).toEqual([
      'connections',
      'indexes.cities.source',
      'indexes.cities.rebuild',
      'worker.lease',
    ]);
  });

  it.each<[object, string]>([
    [
      config({}, { indexes: { a_g1_k3f9: config() } }),
      'indexes.a_g1_k3f9: reads like a generation of another index, of which there would be two kinds: choose a name that does not end like _g1_abcd.',
    ],
    [config({}, { ledger: { url: 'nonsense' } }), 'ledger.url: "***" is no url of PostgreSQL: give postgres://….'],
    [
      config({}, { ledger: { url: 'postgres://u:p#x@h/d' } }),
      'ledger.url: "postgres://***@h/d" is no url that can be read: percent-encode what is special in its password.',
    ],
    [
      config({}, { queue: { url: 'redis://u:100%@h' } }),
      'queue.url: "redis://***@h" is no url that can be read: percent-encode what is special in its password.',
    ],
    [
      config({}, { dashboard: { metricsToken: 5 } }),
      'dashboard.metricsToken: is no text: give a token in quotes, or leave it out.',
    ],
    [
      config({ source: { connection: 'db', table: 'city', key: ['id'], columns: ['a', 'a'] } }),
      'indexes.cities.source.columns: "a" is there twice.',
    ],
  ])('%#', (wrong, message) => {
    expect(checkConfig(wrong).problems).toContain(message);
  });

  it.each<[object, readonly string[]]>([
    [config(), []],
    [
      config({}, { connections: { db: { kind: 'postgres' }, old: { kind: 'postgres' } } }),
      ['connections.old: is used by no index.'],
    ],
    [
      config({ rebuild: { every: '5m', freshFor: '10m' } }),
      [
        'indexes.cities.rebuild.freshFor: "10m" is not shorter than the time between two firings: some end as `fresh`. Make it shorter, or schedule fewer.',
      ],
    ],
    [
      config({ rebuild: { cron: '0 * * * *', freshFor: '1h' } }),
      [
        'indexes.cities.rebuild.freshFor: "1h" is not shorter than the time between two firings: some end as `fresh`. Make it shorter, or schedule fewer.',
      ],
    ],
    [config({ rebuild: { cron: '0 * * * *', freshFor: '59m' } }), []],
  ])('warnings, %#', (right, warnings) => {
    expect(checkConfig(right)).toMatchObject({ problems: [], warnings });
  });

  it('take a number from the environment where a number belongs, and nowhere else', () => {
    const given = config({ revision: '7' }, { dashboard: { port: '3001' }, worker: { concurrency: '2' } });
    const variables = new Set(['dashboard.port', 'worker.concurrency', 'indexes.cities.revision']);
    expect(checkConfig(given, variables).config).toMatchObject({
      dashboard: { port: 3001 },
      worker: { concurrency: 2 },
      indexes: { cities: { revision: '7' } },
    });
    expect(checkConfig(given, new Set()).problems).toHaveLength(2);
    expect(checkConfig(config({}, { dashboard: { port: 'x' } }), variables).problems).toEqual([
      'dashboard.port: "x" is not right: give a whole number from 0 to 65535.',
    ]);
  });
});
