import type { Dashboard } from '@reindeer/app-dashboard';
import { query } from '@reindeer/ledger';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeRedis } from '../../support/servers.ts';
import { browser, type Fixture, fixture, OPERATOR, seedRuns, VIEWER } from './fixture.ts';

describeRedis('the buttons of the pages', () => {
  let fix: Fixture;
  let dashboard: Dashboard;
  let ops: ReturnType<typeof browser>;
  beforeEach(async () => {
    fix = await fixture('dashboard-forms');
    await seedRuns(fix.ledger);
    dashboard = await fix.start();
    ops = browser(dashboard.url);
    await ops.signIn(OPERATOR);
  });
  afterEach(() => fix.end());

  const audit = () =>
    query<{ actor: string; action: string; target: string }>(
      fix.ledger,
      `select actor, action, target from audit where action not like 'sign-%' order by entry`,
    );
  const endOpenRuns = () =>
    query(fix.ledger, `update runs set status = 'cancelled', finished_at = now() where finished_at is null`);
  const page = { Accept: 'text/html' };

  it('start a run and lead to it', async () => {
    await endOpenRuns();
    const answer = await ops.act('/indexes/cities/run', { lane: 'rebuild' }, 'POST', page);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/runs/4']);
    expect(await audit()).toEqual([{ actor: 'ops', action: 'run', target: 'cities rebuild' }]);
    expect(await (await ops.page('/runs/4')).text()).toContain('waiting for a worker');
  });

  it('start a run for each shard, and say which were refused', async () => {
    await query(fix.ledger, `update generations set shard_bounds = '[["1"], ["2"]]' where state = 'live'`);
    const one = await ops.act('/indexes/cities/run', { lane: 'verify', shard: '1' }, 'POST', page);
    expect(one.headers.get('location')).toBe('/runs/4');
    const rest = await ops.act('/indexes/cities/run', { lane: 'verify', shard: '' }, 'POST', page);
    expect(rest.status).toBe(200);
    const text = await rest.text();
    expect(text).toContain('2 runs started, 1 refused');
    expect(text).toContain('overlap');
    const api = await ops.post('/api/v1/runs', { index: 'cities', lane: 'verify' });
    expect([api.status, await api.json()]).toMatchObject([
      409,
      { reason: 'overlap', refusals: [{ shard: 0 }, { shard: 1, run: 4 }, { shard: 2 }] },
    ]);
    await endOpenRuns();
    await query(fix.ledger, `delete from run_places`);
    const several = await ops.post('/api/v1/runs', { index: 'cities', lane: 'refresh' }, { 'Idempotency-Key': 'r' });
    expect([several.status, await several.json()]).toMatchObject([
      201,
      { run: null, lane: 'refresh', runs: [{ shard: 0 }, { shard: 1 }, { shard: 2 }], refusals: [] },
    ]);
    expect(several.headers.get('location')).toBe('/api/v1/runs?index=cities&lane=refresh');
  });

  it('show a refusal as a page that says why', async () => {
    await query(fix.ledger, `insert into run_places (index, place, shard, run) values ('cities', 'rebuild', -1, 3)`);
    const answer = await ops.act('/indexes/cities/run', { lane: 'rebuild' }, 'POST', page);
    expect(answer.status).toBe(409);
    const text = await answer.text();
    expect(text).toContain('Run 3 is still open.');
    expect(text).toContain('href="/runs/3"');
    expect((await ops.act('/indexes/cities/run', { lane: 'nonsense' }, 'POST', page)).status).toBe(400);
    expect((await ops.act('/indexes/cities/run', { lane: 'verify', shard: 'x' }, 'POST', page)).status).toBe(400);
    expect((await ops.act('/indexes/towns/pause', {}, 'POST', page)).status).toBe(404);
  });

  it('pause and resume an index and a run, cancel and retry, each written down', async () => {
    expect((await ops.act('/indexes/cities/pause', { note: 'disk <b>' })).headers.get('location')).toBe(
      '/#index-cities',
    );
    const overview = await (await ops.page('/')).text();
    expect(overview).toContain('All of it is paused');
    expect(overview).toContain('disk &#60;b&#62;');
    expect((await ops.act('/indexes/cities/resume')).status).toBe(303);
    expect((await ops.act('/runs/3/pause', { note: '' })).headers.get('location')).toBe('/runs/3');
    expect(await (await ops.page('/runs/3')).text()).toContain('Run #3 is paused');
    expect((await ops.act('/runs/3/resume')).status).toBe(303);
    expect((await ops.act('/runs/3/cancel', { force: 'yes' })).status).toBe(303);
    await query(fix.ledger, `update tasks set status = 'failed' where run = 1 and number = 1`);
    expect((await ops.act('/runs/1/retry')).status).toBe(303);
    expect((await audit()).map(({ action, target }) => `${action} ${target}`)).toEqual([
      'pause cities',
      'resume cities',
      'pause run 3',
      'resume run 3',
      'cancel run 3',
      'retry run 1',
    ]);
    for (const { actor } of await audit()) expect(actor).toBe('ops');
    const acted = fix.logged.filter((line) => line.includes('"acted"'));
    expect(acted).toHaveLength(6);
  });

  it('resume the ticks that "pause all" in Bull Board paused', async () => {
    await ops.act('/queues/api/queues/pause', null, 'PUT');
    expect(await (await ops.page('/')).text()).toContain('action="/ticks/resume"');
    expect((await ops.act('/indexes/cities/resume')).status).toBe(303);
    expect(await fix.queue.ticksPaused()).toBe(true);
    expect((await ops.act('/ticks/resume')).status).toBe(303);
    expect(await fix.queue.ticksPaused()).toBe(false);
    expect(await audit()).toContainEqual({ actor: 'ops', action: 'resume', target: 'the queue of ticks' });
    expect(await (await ops.page('/')).text()).not.toContain('paused in Bull Board');
  });

  it('are not shown to viewers', async () => {
    await query(fix.ledger, `insert into holds (index, reason, actor) values ('cities', 'paused', 'ops')`);
    await ops.act('/queues/api/queues/ticks/pause', null, 'PUT');
    const eve = browser(dashboard.url);
    await eve.signIn(VIEWER);
    for (const path of ['/', '/runs/1', '/runs/3']) {
      const forms = [...(await (await eve.page(path)).text()).matchAll(/<form[^>]*action="([^"]*)"/g)].map(
        ([, to]) => to,
      );
      expect([path, forms]).toEqual([path, ['/sign-out']]);
    }
    expect(await (await ops.page('/')).text()).toContain('action="/indexes/cities/resume"');
  });

  it('say when a limit set in Bull Board keeps a run waiting', async () => {
    const bulk = fix.queue.boardQueues(['cities']).find(({ name }) => name === 'cities.bulk')?.queue;
    await bulk?.setGlobalConcurrency(1);
    await bulk?.setGlobalRateLimit(3, 60_000);
    for (const path of ['/', '/runs/3']) {
      const text = await (await ops.page(path)).text();
      expect(text).toContain('The queue cities.bulk is limited in Bull Board');
      expect(text).toContain('at most 1 job at once');
      expect(text).toContain('at most 3 jobs begun in 1 min');
    }
    expect(await (await ops.page('/runs/1')).text()).not.toContain('is limited');
  });

  it('lead a run to its jobs, and the jobs to their run', async () => {
    await query(fix.ledger, `insert into tasks (run, kind, number, status) values (3, 'plan', 0, 'completed')`);
    const text = await (await ops.page('/runs/3')).text();
    expect(text).toContain('href="/queues/queue/cities.bulk/n3.p0.1"');
    expect(text).toContain('href="/queues/queue/cities.bulk/n3.s4.1"');
  });
});
