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

it('says when it no longer lives', async () => {
  const get = await start({ live: () => false });
  expect((await get('/healthz')).status).toBe(503);
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
  ).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
