import { join } from 'node:path';
import { loadConfig } from '@reindeer/config';
import { createLogger, createMetrics } from '@reindeer/runtime';
import { afterEach, expect, it } from 'vitest';
import { startScheduler } from '../../../apps/scheduler/src/index.ts';
import { type Deployment, deploy } from '../../support/deployment.ts';
import { canStartRedis, type PrivateRedis, startPrivateRedis } from '../../support/privateRedis.ts';
import { reservedPort } from '../../support/reservedPort.ts';
import { until } from '../../support/until.ts';

const APPS = ['scheduler', 'worker', 'dashboard'] as const;
const INDEX = `{ source: { connection: 'db', table: 'public.book', key: ['id'] }, sink: { connection: 'search' } }`;

interface Report {
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[];
}

let d: Deployment;
let redis: PrivateRedis | undefined;
afterEach(async () => {
  await d.close();
  await redis?.stop();
  redis = undefined;
});

async function get(url: string): Promise<{ status: number; names: string[]; failing: string[]; text: string }> {
  const response = await fetch(url);
  const text = await response.text();
  const { checks = [] } = JSON.parse(text) as Partial<Report>;
  const names = (those: Report['checks']) => those.map(({ name }) => name);
  return { status: response.status, names: names(checks), failing: names(checks.filter(({ ok }) => !ok)), text };
}

/** Starts all apps, whose sink is at `search`; their addresses. */
async function startAll(search: string): Promise<Record<(typeof APPS)[number], string>> {
  const urls = { scheduler: '', worker: '', dashboard: '' };
  for (const app of APPS) {
    const port = await reservedPort();
    urls[app] = `http://127.0.0.1:${port}`;
    await configure(search, port);
    await d.start(app);
  }
  return urls;
}

async function configure(search: string, port: number): Promise<void> {
  const connections = `{ db: { kind: 'postgres', url: ${JSON.stringify(d.databaseUrl)} }, search: { kind: 'postgres', url: ${JSON.stringify(search)} } }`;
  const ports = `telemetry: { host: '127.0.0.1', port: ${port} }, dashboard: { port: ${port} }`;
  await d.configure(`{ books: ${INDEX} }`, `connections: ${connections}, ${ports}`);
}

it.skipIf(!canStartRedis)('each app says what it needs, and which of it is missing', async () => {
  redis = await startPrivateRedis();
  d = await deploy('ready', 'redis', redis.url);
  await d.db.query('create table book (id bigint primary key, title text)');
  const urls = await startAll(d.databaseUrl);
  const ready = async (app: (typeof APPS)[number]) => get(`${urls[app]}/readyz`);
  const untilReady = (app: (typeof APPS)[number]) =>
    until(`the ${app} is ready`, async () => {
      const answer = await ready(app);
      return answer.status === 200 && answer;
    });
  expect((await untilReady('worker')).names).toEqual(['ledger', 'queue', 'source db', 'sink search', 'lease']);
  expect((await untilReady('scheduler')).names).toEqual(['ledger', 'queue', 'sink search', 'sweeps']);
  expect((await untilReady('dashboard')).names).toEqual(['ledger', 'queue']);

  await redis.kill();
  for (const app of APPS) {
    await until(`the ${app} misses the queue, and nothing else`, async () => {
      const { status, failing } = await ready(app);
      return status === 503 && failing.join() === 'queue';
    });
    // To start it again would not bring the queue back.
    expect(await get(`${urls[app]}/healthz`)).toMatchObject({ status: 200 });
  }
  await redis.start();
  for (const app of APPS) await untilReady(app);
});

it('a sink that is away is named, without its password', async () => {
  d = await deploy('ready', 'postgres');
  await d.db.query('create table book (id bigint primary key, title text)');
  const urls = await startAll(`postgres://writer:s3cret-word@127.0.0.1:1/search`);
  for (const app of ['scheduler', 'worker'] as const) {
    const answer = await until(`the ${app} misses its sink, and nothing else`, async () => {
      const now = await get(`${urls[app]}/readyz`);
      return now.status === 503 && now.failing.join() === 'sink search' && now;
    });
    expect(answer.text).not.toContain('s3cret-word');
  }
});

it('a scheduler whose round of sweeps hangs is unhealthy until it goes on', async () => {
  d = await deploy('hang', 'postgres');
  await d.db.query('create table book (id bigint primary key, title text)');
  const port = await reservedPort();
  await configure(d.databaseUrl, port);
  const { config } = await loadConfig({ path: join(d.directory, 'reindeer.config.mjs') });
  const logger = createLogger({ app: 'scheduler', level: 'silent' });
  const scheduler = await startScheduler({ config, logger, metrics: createMetrics('scheduler'), hangMs: 1_000 });
  try {
    const health = () => get(`http://127.0.0.1:${port}/healthz`);
    await until('a round', async () => (await health()).status === 200);
    await d.db.query('begin; lock table reindeer.leaders in access exclusive mode');
    const hung = await until('it is known to hang', async () => {
      const answer = await health();
      return answer.status === 503 && answer;
    });
    expect(hung.failing).toEqual(['sweeps']);
    await d.db.query('rollback');
    await until('it goes on', async () => (await health()).status === 200);
  } finally {
    await scheduler.stop('test');
  }
});

it('a scheduler leads while its round of sweeps lasts, and no more when that hangs', async () => {
  d = await deploy('lead', 'postgres');
  await d.db.query('create table book (id bigint primary key, title text)');
  const connections = `{ db: { kind: 'postgres', url: ${JSON.stringify(d.databaseUrl)} }, search: { kind: 'postgres', url: ${JSON.stringify(d.databaseUrl)} } }`;
  await d.configure(
    `{ books: ${INDEX} }`,
    `connections: ${connections}, telemetry: { port: 0 }, scheduler: { sweep: '1s' }`,
  );
  const { config } = await loadConfig({ path: join(d.directory, 'reindeer.config.mjs') });
  const logger = createLogger({ app: 'scheduler', level: 'silent' });
  const scheduler = await startScheduler({ config, logger, metrics: createMetrics('scheduler'), hangMs: 8_000 });
  try {
    const left = async () => {
      const { rows } = await d.db.query<{ s: number }>(
        'select extract(epoch from lease_until - $1::timestamptz)::float8 as s from reindeer.leaders',
        [standsSince],
      );
      return Number(rows[0]?.s);
    };
    await d.db.query('begin; lock table reindeer.holds in access exclusive mode');
    const { rows } = await d.db.query<{ now: Date }>('select clock_timestamp() as now');
    const standsSince = rows[0]?.now;
    await until('it leads for longer than the three seconds of its lease', async () => (await left()) > 6);
    await until('nobody leads', async () => {
      const { rows } = await d.db.query('select lease_until < clock_timestamp() as free from reindeer.leaders');
      return rows[0].free;
    });
    await d.db.query('rollback');
    await until('it leads again', async () => {
      const { rows } = await d.db.query('select lease_until > clock_timestamp() as led from reindeer.leaders');
      return rows[0].led;
    });
  } finally {
    await scheduler.stop('test');
  }
});
