import type { Dashboard } from '@reindeer/app-dashboard';
import { query } from '@reindeer/ledger';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeRedis } from '../../support/servers.ts';
import { browser, type Fixture, fixture, OPERATOR, seedRuns, VIEWER } from './fixture.ts';

describeRedis('Bull Board in the dashboard', () => {
  let fix: Fixture;
  let dashboard: Dashboard;
  const ops = () => browser(dashboard.url);
  beforeAll(async () => {
    fix = await fixture('dashboard-board');
    await seedRuns(fix.ledger);
    dashboard = await fix.start();
    await fix.queue.deliver([
      {
        index: 'cities',
        run: 3,
        kind: 'slice',
        number: 4,
        delivery: 1,
        queue: 'bulk',
        nonce: 'n3',
        title: 'cities · rebuild #3 · slice 4/4',
        delayMs: 600_000,
      },
    ]);
  });
  afterAll(() => fix.end());

  const holds = () =>
    query<{ reason: string; actor: string; note: string; released_by: string | null }>(
      fix.ledger,
      `select reason, actor, note, released_by from holds where index = 'cities' order by hold`,
    );

  it('shows the queues of each index and their jobs', async () => {
    const eve = ops();
    await eve.signIn(VIEWER);
    const answer = await eve.get('/queues/api/queues?activeQueue=cities.bulk&status=delayed&page=1&jobsPerPage=10');
    expect(answer.status).toBe(200);
    const { queues } = (await answer.json()) as {
      queues: { name: string; displayName?: string; delimiter: string; jobs: { name: string; data: unknown }[] }[];
    };
    expect(queues.map(({ name }) => name)).toEqual(['ticks', 'cities.live', 'cities.bulk']);
    expect(queues[2]).toMatchObject({ displayName: 'cities / bulk', delimiter: '.' });
    expect(queues[2]?.jobs[0]).toMatchObject({
      name: 'cities · rebuild #3 · slice 4/4',
      data: { index: 'cities', run: 3, kind: 'slice', number: 4 },
    });
  });

  it('asks no other company for anything', async () => {
    const eve = ops();
    await eve.signIn(VIEWER);
    const text = await (await eve.page('/queues/')).text();
    expect(text).toContain('__UI_CONFIG__');
    expect(text).not.toMatch(/(?:src|href)="https?:/);
  });

  it.each([
    ['PUT', '/queues/api/queues/pause'],
    ['PUT', '/queues/api/queues/resume'],
    ['PUT', '/queues/api/queues/cities.bulk/pause'],
    ['PUT', '/queues/api/queues/cities.bulk/resume'],
    ['PUT', '/queues/api/queues/cities.bulk/promote'],
    ['PUT', '/queues/api/queues/cities.bulk/empty'],
    ['PUT', '/queues/api/queues/cities.bulk/obliterate'],
    ['PUT', '/queues/api/queues/cities.bulk/clean/delayed'],
    ['PUT', '/queues/api/queues/cities.bulk/retry/failed'],
    ['PUT', '/queues/api/queues/cities.bulk/concurrency'],
    ['POST', '/queues/api/queues/cities.bulk/add'],
    ['PUT', '/queues/api/queues/cities.bulk/n3.s4.1/clean'],
    ['PUT', '/queues/api/queues/cities.bulk/n3.s4.1/promote'],
    ['PATCH', '/queues/api/queues/cities.bulk/n3.s4.1/update-data'],
    ['PUT', '/queues/api/queues/ticks/job-schedulers/cities.rebuild/run'],
    ['PUT', '/queues/api/queues/ticks/job-schedulers/cities.rebuild/remove'],
  ])('refuses a viewer %s %s', async (method, path) => {
    const eve = ops();
    await eve.signIn(VIEWER);
    expect((await eve.act(path, null, method)).status).toBe(403);
    expect(await fix.queue.pausedQueues(['cities'])).toEqual([]);
    expect((await eve.get('/queues/api/queues/cities.bulk/n3.s4.1')).status).toBe(200);
    expect(await query(fix.ledger, `select from audit where actor = 'eve' and action <> 'sign-in'`)).toEqual([]);
  });

  it('makes a pause a hold, and a resume its release, when no queue of the index is paused any more', async () => {
    const person = ops();
    await person.signIn(OPERATOR);
    expect((await person.act('/queues/api/queues/cities.bulk/pause', null, 'PUT')).status).toBe(200);
    expect((await person.act('/queues/api/queues/cities.live/pause', null, 'PUT')).status).toBe(200);
    expect(await holds()).toEqual([
      { reason: 'queue-paused', actor: 'ops', note: 'paused in Bull Board', released_by: null },
    ]);
    const [paused] = await query<{ status: string }>(fix.ledger, `select status from runs where run = 3`);
    expect(['pausing', 'paused']).toContain(paused?.status);

    expect((await person.act('/queues/api/queues/cities.live/resume', null, 'PUT')).status).toBe(200);
    expect((await holds())[0]?.released_by).toBeNull();
    expect((await person.act('/queues/api/queues/cities.bulk/resume', null, 'PUT')).status).toBe(200);
    expect((await holds())[0]?.released_by).toBe('ops');
    const [going] = await query<{ status: string }>(fix.ledger, `select status from runs where run = 3`);
    expect(['running', 'queued']).toContain(going?.status);
  });

  it('does the same for all queues at once', async () => {
    const person = ops();
    await person.signIn(OPERATOR);
    await person.act('/queues/api/queues/pause', null, 'PUT');
    expect((await holds()).filter((hold) => hold.released_by === null)).toHaveLength(1);
    const overview = await (await person.page('/')).text();
    expect(overview).toContain('The queue of ticks is paused in Bull Board.');
    // Nothing but a dashboard runs here.
    expect(overview).toContain('No scheduler is alive.');
    expect(overview).toContain('No worker is alive.');
    await person.act('/queues/api/queues/resume', null, 'PUT');
    expect((await holds()).filter((hold) => hold.released_by === null)).toEqual([]);
  });

  it('writes down who did what', async () => {
    const person = ops();
    await person.signIn(OPERATOR);
    const [job] = (await fix.queue.boardQueues(['cities'])[2]?.queue.getDelayed()) ?? [];
    expect((await person.act(`/queues/api/queues/cities.bulk/${job?.id}/promote`, null, 'PUT')).status).toBe(204);
    const rows = await query<{ actor: string; action: string; target: string }>(
      fix.ledger,
      `select actor, action, target from audit order by entry desc limit 1`,
    );
    expect(rows).toEqual([{ actor: 'ops', action: 'job.promote', target: `cities.bulk/${job?.id}` }]);
    expect(fix.logged.some((line) => line.includes('job.promote') && line.includes('"ops"'))).toBe(true);
  });
});
