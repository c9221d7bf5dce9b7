import { afterEach, expect, it } from 'vitest';
import { createMetrics } from './createMetrics.ts';
import { checkDependency } from './readiness.ts';
import { startTelemetryServer, type TelemetryServer, type TelemetryServerOptions } from './startTelemetryServer.ts';

let server: TelemetryServer | undefined;
afterEach(() => server?.stop());

async function start(options: Partial<TelemetryServerOptions> = {}) {
  server = await startTelemetryServer({
    host: '127.0.0.1',
    port: 0,
    token: null,
    metrics: createMetrics('test'),
    readiness: async () => [],
    ...options,
  });
  return (path: string, init?: RequestInit) => fetch(`${server?.url}${path}`, init);
}

it('asks for the bearer token when one is set', async () => {
  const get = await start({ token: 'right' });
  expect((await get('/metrics')).status).toBe(401);
  expect((await get('/metrics', { headers: { Authorization: 'Bearer wrong' } })).status).toBe(401);
  const answer = await get('/metrics', { headers: { Authorization: 'Bearer right' } });
  expect(answer.status).toBe(200);
  expect(await answer.text()).toContain('reindeer_leader');
});

it('is open without a token, and tells that it lives', async () => {
  const get = await start();
  expect((await get('/metrics')).status).toBe(200);
  expect((await get('/healthz')).status).toBe(200);
  expect((await get('/other')).status).toBe(404);
  expect((await get('/healthz', { method: 'POST' })).status).toBe(405);
});

it('tells no password when the metrics cannot be read', async () => {
  const get = await start({
    shards: async () => {
      throw new Error('connect postgres://app:hunter2@db/x refused');
    },
  });
  const answer = await get('/metrics?shards=1');
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain('hunter2');
});

it('says when it no longer lives', async () => {
  const get = await start({ liveness: () => [{ name: 'lease', ok: false, detail: 'renewed 20 s ago' }] });
  const answer = await get('/healthz');
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ live: false, checks: [{ name: 'lease', detail: 'renewed 20 s ago' }] });
});

it('names the dependency that is missing, without its password', async () => {
  const get = await start({
    readiness: () =>
      Promise.all([
        checkDependency('queue', async () => 'PONG'),
        checkDependency('ledger', async () => {
          throw new Error('connect postgres://app:hunter2@db/x refused');
        }),
      ]),
  });
  const answer = await get('/readyz');
  expect(answer.status).toBe(503);
  const report = (await answer.json()) as { ready: boolean; checks: { name: string; ok: boolean; detail: string }[] };
  expect(report.ready).toBe(false);
  expect(report.checks.filter((check) => !check.ok).map((check) => check.name)).toEqual(['ledger']);
  expect(JSON.stringify(report)).not.toContain('hunter2');
});

it('asks what it depends on once, however many ask it at once', async () => {
  let asked = 0;
  const get = await start({
    readiness: async () => {
      asked += 1;
      return [];
    },
  });
  const answers = await Promise.all(Array.from({ length: 20 }, () => get('/readyz')));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(asked).toBe(1);
});

it('gives freshness per shard to those who ask for it, and per index to all others', async () => {
  const metrics = createMetrics('dashboard');
  metrics.freshnessSeconds.set({ index: 'cities' }, 9);
  const get = await start({
    metrics,
    shards: async () => [7, 9].map((seconds, shard) => ({ index: 'cities', shard, seconds })),
  });
  const lines = async (path: string) =>
    (await (await get(path)).text()).split('\n').filter((line) => line.startsWith('reindeer_freshness_seconds'));
  expect(await lines('/metrics')).toEqual(['reindeer_freshness_seconds{index="cities",app="dashboard"} 9']);
  expect(await lines('/metrics?shards=1')).toEqual([
    'reindeer_freshness_seconds{index="cities",shard="0",app="dashboard"} 7',
    'reindeer_freshness_seconds{index="cities",shard="1",app="dashboard"} 9',
  ]);
});

it('refuses a port that is taken', async () => {
  await start();
  const port = Number(new URL(server?.url ?? '').port);
  await expect(
    startTelemetryServer({
      host: '127.0.0.1',
      port,
      token: null,
      metrics: createMetrics('x'),
      readiness: async () => [],
    }),
  ).rejects.toMatchObject({
    code: 'port-taken',
    message: expect.stringContaining(`telemetry.port: ${port} of 127.0.0.1`),
  });
});
