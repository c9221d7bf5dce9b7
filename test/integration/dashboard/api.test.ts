import type { Dashboard } from '@reindeer/app-dashboard';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Schema } from '../../../apps/dashboard/src/api/schemas.ts';
import { describeRedis } from '../../support/servers.ts';
import { browser, type Fixture, fixture, OPERATOR, seedRuns, VIEWER } from './fixture.ts';
import { schemaMistakes } from './schemaMistakes.ts';

interface OpenApi {
  paths: Record<
    string,
    { get?: { operationId: string; responses: { 200: { content: { 'application/json': { schema: Schema } } } } } }
  >;
  components: { schemas: Record<string, Schema> };
}

describeRedis('the HTTP API', () => {
  let fix: Fixture;
  let dashboard: Dashboard;
  let eve: ReturnType<typeof browser>;
  beforeAll(async () => {
    fix = await fixture('dashboard-api');
    await seedRuns(fix.ledger);
    await fix.queue.applySchedules([
      {
        index: 'cities',
        lane: 'rebuild',
        shard: -1,
        schedule: { kind: 'cron', cron: '0 3 * * 0', timezone: 'Europe/Berlin' },
      },
    ]);
    dashboard = await fix.start();
    eve = browser(dashboard.url);
    await eve.signIn(VIEWER);
  });
  afterAll(() => fix.end());

  const json = async (path: string): Promise<unknown> => {
    const answer = await eve.get(path);
    expect(answer.status, path).toBe(200);
    return answer.json();
  };

  it('answers each call of its description in the form described', async () => {
    const description = (await json('/api/v1/openapi.json')) as OpenApi;
    const checked: string[] = [];
    for (const [path, { get }] of Object.entries(description.paths)) {
      // A stream has a test of its own.
      if (get === undefined || path === '/events') continue;
      const answer = await json(`/api/v1${path.replace('{run}', '1').replace('{index}', 'cities')}`);
      const schema = get.responses[200].content['application/json'].schema;
      expect(schemaMistakes(answer, schema, description.components.schemas, get.operationId)).toEqual([]);
      checked.push(get.operationId);
    }
    expect(checked).toHaveLength(6);
  });

  it('lists runs newest first, by pages and filters', async () => {
    const first = (await json('/api/v1/runs?limit=2')) as { runs: { run: number }[]; next: number };
    expect(first.runs.map(({ run }) => run)).toEqual([3, 2]);
    const second = (await json(`/api/v1/runs?limit=2&after=${first.next}`)) as typeof first;
    expect(second).toMatchObject({ runs: [{ run: 1 }], next: null });
    expect(await json('/api/v1/runs?state=failed')).toMatchObject({ runs: [{ run: 1, reason: 'error-budget' }] });
    expect(await json('/api/v1/runs?state=building')).toMatchObject({ runs: [{ run: 3 }] });
    expect(await json('/api/v1/runs?index=other')).toMatchObject({ runs: [] });
    expect(((await json('/api/v1/runs?lane=rebuild')) as typeof first).runs).toHaveLength(3);
  });

  it('gives a run, its slices and its failures', async () => {
    expect(await json('/api/v1/runs/3')).toMatchObject({
      run: 3,
      state: 'building',
      slices: { total: 4, completed: 2, failed: 0 },
    });
    const { slices } = (await json('/api/v1/runs/3/slices')) as { slices: { number: number; upTo: string[] }[] };
    expect(slices.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    expect(slices[0]?.upTo).toEqual(['34600']);
    expect(await json('/api/v1/runs/1/failures')).toMatchObject({
      failures: [{ document: '5128581', reason: 'mapper_parsing' }],
    });
  });

  it('gives an index with its schedule', async () => {
    expect(await json('/api/v1/indexes/cities')).toMatchObject({
      index: 'cities',
      live: { name: 'cities_g2_k3f9', caughtUp: false },
      owedRefreshes: 1,
      schedules: [
        { lane: 'rebuild', cron: '0 3 * * 0', timezone: 'Europe/Berlin', nextAt: expect.stringMatching(/Z$/) },
      ],
    });
  });

  it.each([
    ['/api/v1/other', 404, 'no-such-route'],
    ['/api/v1/', 404, 'no-such-route'],
    ['/api/v1/runs/99', 404, 'no-such-run'],
    ['/api/v1/runs/99/slices', 404, 'no-such-run'],
    ['/api/v1/runs/99/failures', 404, 'no-such-run'],
    ['/api/v1/indexes/other', 404, 'no-such-index'],
    ['/api/v1/runs/x', 400, 'invalid-parameter'],
    ['/api/v1/runs/%E0%A4%A', 400, 'bad-request'],
    ['/api/v1/runs?limit=0', 400, 'invalid-parameter'],
    ['/api/v1/runs?limit=501', 400, 'invalid-parameter'],
    ['/api/v1/runs?after=-1', 400, 'invalid-parameter'],
    ['/api/v1/runs?state=sleeping', 400, 'invalid-parameter'],
    ['/api/v1/runs?lane=a&lane=b', 400, 'invalid-parameter'],
    ['/api/v1/runs?statee=failed', 400, 'unknown-parameter'],
    ['/api/v1/runs/3?x=1', 400, 'unknown-parameter'],
  ])('%s is a problem: %d %s', async (path, status, code) => {
    const answer = await eve.get(path);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(await answer.json()).toMatchObject({ status, code, type: `urn:reindeer:problem:${code}` });
    expect(answer.status).toBe(status);
  });

  it('says which methods a call takes', async () => {
    const ops = browser(dashboard.url);
    await ops.signIn(OPERATOR);
    const answer = await ops.act('/api/v1/runs', null, 'PUT');
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET, HEAD, POST');
    expect((await ops.get('/api/v1/runs/3/cancel')).headers.get('allow')).toBe('POST');
  });

  it('shows run pages, with what a document said as text', async () => {
    const answer = await eve.page('/runs/1');
    expect(answer.status).toBe(200);
    const text = await answer.text();
    expect(text).toContain('error-budget');
    expect(text).toContain('5128581');
    expect(text).not.toContain('<script>alert');
    expect((await eve.page('/runs/99')).status).toBe(404);
  });

  it('says which dependency is missing, and answers with a problem meanwhile', async () => {
    const { openLedger } = await import('@reindeer/ledger');
    const { startDashboard } = await import('@reindeer/app-dashboard');
    const { createLogger } = await import('@reindeer/runtime');
    const gone = openLedger({ url: 'postgres://reindeer:hunter2@127.0.0.1:1/nothing' });
    const lines: string[] = [];
    const logger = createLogger({ app: 'dashboard', destination: { write: (line) => void lines.push(line) } });
    const lame = await startDashboard({ config: fix.config, logger, ledger: gone, queue: fix.queue, port: 0 });
    try {
      const ready = await fetch(`${lame.url}/readyz`);
      expect(ready.status).toBe(503);
      const report = (await ready.json()) as { checks: { name: string; ok: boolean }[] };
      expect(report.checks.map(({ name, ok }) => [name, ok])).toEqual([
        ['ledger', false],
        ['queue', true],
      ]);
      expect(JSON.stringify(report)).not.toMatch(/hunter2|127\.0\.0\.1|ECONNREFUSED/);
      const told = lines.filter((line) => line.includes('not ready'));
      expect(told).toEqual([expect.stringContaining('127.0.0.1:1')]);
      expect(lines.join('')).not.toContain('hunter2');
      expect((await fetch(`${lame.url}/healthz`)).status).toBe(200);
      const answer = await fetch(`${lame.url}/api/v1/runs`, { headers: { Cookie: eve.cookie() } });
      expect(answer.status).toBe(503);
      expect(await answer.json()).toMatchObject({ code: 'ledger-unavailable' });
      expect((await fetch(`${lame.url}/metrics`, { headers: { Authorization: 'Bearer scrape me' } })).status).toBe(200);
    } finally {
      await lame.stop('test');
      await gone.close();
    }
  });
});
