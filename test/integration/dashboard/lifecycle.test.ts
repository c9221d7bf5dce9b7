import { once } from 'node:events';
import { connect } from 'node:net';
import { startDashboard } from '@reindeer/app-dashboard';
import { openTaskQueue } from '@reindeer/queue';
import { createLogger } from '@reindeer/runtime';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { canStartRedis, startPrivateRedis } from '../../support/privateRedis.ts';
import { describeRedis, type FreshDatabase, freshDatabase, freshPrefix, redisUrl } from '../../support/servers.ts';
import { browser, type Fixture, fixture, OPERATOR } from './fixture.ts';

const logger = createLogger({ app: 'dashboard', level: 'silent' });

describeRedis('the life of a dashboard', () => {
  let fix: Fixture;
  let empty: FreshDatabase;
  beforeAll(async () => {
    fix = await fixture('dashboard-life');
    empty = await freshDatabase('dashboard-life-own');
  });
  afterAll(async () => {
    await fix.end();
    await empty.drop();
  });

  it('opens and migrates what the configuration names, and closes it again', async () => {
    const config = {
      ...fix.config,
      ledger: { url: empty.url, schema: 'reindeer' },
      queue: { url: redisUrl(), prefix: freshPrefix('dashboard-life') },
    };
    const dashboard = await startDashboard({ config, logger, port: 0 });
    const ready = await fetch(`${dashboard.url}/readyz`);
    expect([ready.status, await ready.json()]).toMatchObject([200, { ready: true }]);
    await Promise.all([dashboard.stop('test'), dashboard.stop('test again')]);
    await dashboard.done;
    await expect(fetch(`${dashboard.url}/healthz`)).rejects.toThrow();
  });

  it('works as well with the queue in PostgreSQL', async () => {
    const postgres = await freshDatabase('dashboard-life-queue');
    const config = {
      ...fix.config,
      ledger: { url: postgres.url, schema: 'reindeer' },
      queue: { url: postgres.url, prefix: 'reindeer' },
    };
    const dashboard = await startDashboard({ config, logger, port: 0 });
    try {
      const ops = browser(dashboard.url);
      await ops.signIn(OPERATOR);
      expect((await ops.get('/queues/api/queues')).status).toBe(200);
      expect((await ops.act('/queues/api/queues/cities.bulk/pause', null, 'PUT')).status).toBe(200);
      expect(await (await ops.page('/')).text()).toContain('cities');
      expect((await ops.act('/queues/api/queues/cities.bulk/resume', null, 'PUT')).status).toBe(200);
      expect((await ops.get('/metrics')).status).toBe(200);
    } finally {
      await dashboard.stop('test');
      await postgres.drop();
    }
  });

  it('says what is missing when there is no url', async () => {
    await expect(startDashboard({ config: fix.config, logger, port: 0 })).rejects.toThrow(/ledger\.url/);
  });

  it.skipIf(!canStartRedis)('says so when the queue is away, instead of keeping Bull Board waiting', async () => {
    const redis = await startPrivateRedis();
    const queue = await openTaskQueue({ url: redis.url, prefix: 'away', onError: () => {} });
    const dashboard = await startDashboard({ config: fix.config, logger, ledger: fix.ledger, queue, port: 0 });
    try {
      const ops = browser(dashboard.url);
      await ops.signIn(OPERATOR);
      expect((await ops.get('/queues/api/queues')).status).toBe(200);
      await redis.kill();
      const answer = await ops.get('/queues/api/queues');
      expect([answer.status, await answer.json()]).toMatchObject([503, { code: 'queue-unavailable' }]);
      expect(await (await ops.page('/')).text()).toContain('the queue does not answer');
    } finally {
      await dashboard.stop('test');
      await queue.close();
      await redis.stop();
    }
  });

  it('stops though somebody holds a request that never comes to its end', async () => {
    const dashboard = await fix.start();
    const { hostname, port } = new URL(dashboard.url);
    const socket = connect(Number(port), hostname);
    socket.resume().on('error', () => {});
    socket.write('POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nname=');
    await once(socket, 'connect');
    await fetch(`${dashboard.url}/healthz`);
    const closed = once(socket, 'close');
    await dashboard.stop('test');
    await closed;
  });

  it('does not start on a port that is taken', async () => {
    const first = await fix.start();
    const port = Number(new URL(first.url).port);
    const second = startDashboard({ config: fix.config, logger, ledger: fix.ledger, queue: fix.queue, port });
    await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
