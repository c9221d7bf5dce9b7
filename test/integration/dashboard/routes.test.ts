import type { Dashboard } from '@reindeer/app-dashboard';
import { query } from '@reindeer/ledger';
import { createLogger, createMetrics } from '@reindeer/runtime';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CALLS } from '../../../apps/dashboard/src/api/calls.ts';
import { createWebApp } from '../../../apps/dashboard/src/createWebApp.ts';
import { describeRedis } from '../../support/servers.ts';
import { allRoutes, type Route } from './allRoutes.ts';
import { browser, type Fixture, fixture, OPERATOR, seedRuns, VIEWER } from './fixture.ts';

/** What is there for people who are not signed in. */
const OPEN = new Set(['/healthz', '/readyz', '/sign-in', '/sign-in/link', '/sign-out']);

describeRedis('every route of the dashboard', () => {
  let fix: Fixture;
  let dashboard: Dashboard;
  let routes: Route[];
  let closed: Route[];
  let changing: Route[];
  beforeAll(async () => {
    fix = await fixture('dashboard-routes');
    await seedRuns(fix.ledger);
    await fix.queue.deliver([
      {
        ...{ index: 'cities', run: 3, kind: 'slice', number: 4, delivery: 1, queue: 'bulk', nonce: 'n3' },
        ...{ title: 'cities · rebuild #3 · slice 4/4', delayMs: 600_000 },
      },
    ]);
    dashboard = await fix.start();
    const logger = createLogger({ app: 'dashboard', level: 'silent' });
    routes = allRoutes(createWebApp({ ...fix, logger, metrics: createMetrics('dashboard') }));
    closed = routes.filter(({ path }) => !OPEN.has(path));
    changing = closed.filter(({ method }) => method !== 'GET');
  });
  afterAll(() => fix.end());

  const signedIn = async (user: typeof OPERATOR) => {
    const person = browser(dashboard.url);
    await person.signIn(user);
    return person;
  };
  /** All that a request may change. */
  const state = async () => ({
    runs: await query(fix.ledger, `select run, status, reason from runs order by run`),
    holds: await query(fix.ledger, `select hold, reason, released_at from holds order by hold`),
    audit: await query(fix.ledger, `select action, target from audit where action <> 'sign-in' order by entry`),
    jobs: await fix.queue.counts(['cities']),
    paused: [await fix.queue.pausedQueues(['cities']), await fix.queue.ticksPaused()],
    limits: await fix.queue.limits(['cities']),
    schedules: await fix.queue.schedules(),
  });

  it('is found by walking the routers', () => {
    const found = routes.map(({ method, path }) => `${method} ${path}`);
    for (const call of CALLS) {
      const path = call.path.replace('{run}', '3').replace('{index}', 'cities');
      expect(found).toContain(`${call.method.toUpperCase()} /api/v1${path}`);
    }
    expect(found).toContain('GET /metrics');
    expect(found).toContain('POST /indexes/cities/run');
    expect(found).toContain('PUT /queues/api/queues/cities.bulk/obliterate');
    expect(changing.length).toBeGreaterThan(45);
  });

  it('asks who is not signed in for a sign-in', async () => {
    const stranger = browser(dashboard.url);
    for (const { method, path } of closed) {
      const answer = method === 'GET' ? await stranger.get(path) : await stranger.act(path, null, method);
      expect([method, path, answer.status]).toEqual([method, path, 401]);
      expect(await answer.json()).toMatchObject({ code: 'signed-out' });
      if (path.startsWith('/api/') || path.startsWith('/queues/api/') || method !== 'GET') continue;
      const page = await stranger.page(path);
      expect([path, page.status, page.headers.get('location')]).toEqual([
        path,
        303,
        `/sign-in?next=${encodeURIComponent(path)}`,
      ]);
    }
  });

  it('lets a viewer look at everything that only reads', async () => {
    const eve = await signedIn(VIEWER);
    for (const { path } of closed.filter(({ method }) => method === 'GET')) {
      const answer = await eve.get(path);
      // Bull Board answers 204 and 404 where there is nothing to show.
      expect([path, [200, 204, 404].includes(answer.status)]).toEqual([path, true]);
      await answer.arrayBuffer();
    }
  });

  it('lets no viewer change anything', async () => {
    const eve = await signedIn(VIEWER);
    const before = await state();
    for (const { method, path } of [
      ...changing,
      { method: 'DELETE', path: '/api/v1/runs/3' },
      { method: 'POST', path: '/new' },
    ]) {
      const answer = await eve.act(path, null, method);
      expect([method, path, answer.status]).toEqual([method, path, 403]);
      expect(await answer.json()).toMatchObject({ code: 'operators-only' });
    }
    expect(await state()).toEqual(before);
  });

  it.each([
    { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' },
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
    { 'Sec-Fetch-Site': 'same-site' },
  ])('takes nothing from a page of another site, even for an operator: %j', async (headers) => {
    const ops = await signedIn(OPERATOR);
    const before = await state();
    for (const { method, path } of routes.filter((route) => route.method !== 'GET')) {
      const answer = await fetch(new URL(path, dashboard.url), {
        method,
        headers: { Cookie: ops.cookie(), ...(headers as Record<string, string>) },
        body: new URLSearchParams({ name: OPERATOR.name, password: OPERATOR.password }),
      });
      expect([method, path, answer.status]).toEqual([method, path, 403]);
      expect(await answer.json()).toMatchObject({ code: 'cross-site' });
    }
    expect(await state()).toEqual(before);
    expect((await ops.get('/api/v1/runs')).status).toBe(200);
  });

  it('writes down every action of an operator in Bull Board', async () => {
    const ops = await signedIn(OPERATOR);
    const acting = changing.filter(({ path }) => path.startsWith('/queues/api/'));
    for (const { method, path } of acting) {
      const lines = fix.logged.length;
      const answer = await ops.act(path, null, method);
      expect([method, path, answer.status === 403]).toEqual([method, path, false]);
      const [last] = await query<{ actor: string; action: string; target: string }>(
        fix.ledger,
        `select actor, action, target from audit where action ~ '^(queue|job|schedule)\\.' order by entry desc limit 1`,
      );
      const words = path.split('/');
      const thing = path.includes('job-schedulers') ? 'schedule' : path.includes('n3.s4.1') ? 'job' : 'queue';
      expect([path, last?.actor, last?.action.split('.')[0]]).toEqual([path, 'ops', thing]);
      expect([path, last?.target.split(/[/ ]/)[0]]).toEqual([
        path,
        words.includes('cities.bulk') ? 'cities.bulk' : '*',
      ]);
      if (thing === 'job') expect(last?.target).toBe('cities.bulk/n3.s4.1');
      if (thing === 'schedule') expect(last?.target).toBe('cities.bulk/cities.rebuild');
      const line = fix.logged.slice(lines).find((text) => text.includes('acted in Bull Board'));
      expect(line).toContain(`"action":"${last?.action}"`);
      expect(line).toContain(`"target":"${last?.target}"`);
    }
    const [count] = await query<{ count: number }>(
      fix.ledger,
      `select count(*)::int from audit where action ~ '^(queue|job|schedule)\\.'`,
    );
    expect(count?.count).toBe(acting.length);
  });
});
