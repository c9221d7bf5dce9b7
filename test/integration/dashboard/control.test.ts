import type { Dashboard } from '@reindeer/app-dashboard';
import { claimRequest, query } from '@reindeer/ledger';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openApi } from '../../../apps/dashboard/src/api/openApi.ts';
import { SCHEMAS, type Schema } from '../../../apps/dashboard/src/api/schemas.ts';
import { describeRedis } from '../../support/servers.ts';
import { browser, type Fixture, fixture, OPERATOR, seedRuns, VIEWER } from './fixture.ts';
import { schemaMistakes } from './schemaMistakes.ts';

const REBUILD = { index: 'cities', lane: 'rebuild' };

describeRedis('control over HTTP', () => {
  let fix: Fixture;
  let dashboard: Dashboard;
  let ops: ReturnType<typeof browser>;
  beforeEach(async () => {
    fix = await fixture('dashboard-control');
    await seedRuns(fix.ledger);
    dashboard = await fix.start();
    ops = browser(dashboard.url);
    await ops.signIn(OPERATOR);
  });
  afterEach(() => fix.end());

  const endOpenRuns = async () => {
    await query(fix.ledger, `update runs set status = 'cancelled', finished_at = now() where finished_at is null`);
    await query(fix.ledger, `delete from run_places`);
  };
  const audit = () =>
    query<{ actor: string; action: string; target: string }>(
      fix.ledger,
      `select actor, action, target from audit where action not like 'sign-%' order by entry`,
    );
  const countRuns = async () =>
    (await query<{ count: number }>(fix.ledger, `select count(*)::int from runs`))[0]?.count ?? 0;

  it('starts a run, says where it is, and puts its first task into the queue', async () => {
    await endOpenRuns();
    const answer = await ops.post('/api/v1/runs', REBUILD);
    expect(answer.status).toBe(201);
    const run = (await answer.json()) as { run: number };
    expect(schemaMistakes(run, SCHEMAS.Run as Schema, SCHEMAS, 'run')).toEqual([]);
    expect(run).toMatchObject({ index: 'cities', lane: 'rebuild', shard: null, state: 'queued', trigger: 'manual' });
    expect(answer.headers.get('location')).toBe(`/api/v1/runs/${run.run}`);
    expect(await (await ops.get(`/api/v1/runs/${run.run}`)).json()).toMatchObject({ run: run.run });
    expect(
      (await fix.queue.counts(['cities'])).find((one) => one.queue === 'cities.bulk' && one.state === 'waiting'),
    ).toMatchObject({ count: 1 });
    expect(await audit()).toEqual([{ actor: 'ops', action: 'run', target: 'cities rebuild' }]);
    expect(fix.logged.some((line) => line.includes('"cities rebuild"') && line.includes('"ops"'))).toBe(true);
  });

  it('refuses with the reason, and says which run stands in the way', async () => {
    await query(fix.ledger, `insert into run_places (index, place, shard, run) values ('cities', 'rebuild', -1, 3)`);
    const answer = await ops.post('/api/v1/runs', REBUILD);
    expect(answer.status).toBe(409);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    const body = (await answer.json()) as Record<string, unknown>;
    expect(body).toMatchObject({ code: 'overlap', reason: 'overlap', refusals: [{ reason: 'overlap', run: 3 }] });
    expect(schemaMistakes(body, SCHEMAS.Problem as Schema, SCHEMAS, 'problem')).toEqual([]);
  });

  it.each([
    [{ lane: 'rebuild' }, 400, 'invalid-body'],
    [{ index: 'cities', lane: 'rebuilt' }, 400, 'invalid-body'],
    [{ ...REBUILD, shard: -1 }, 400, 'invalid-body'],
    [{ ...REBUILD, after: 42 }, 400, 'invalid-body'],
    [{ ...REBUILD, force: 'yes' }, 400, 'invalid-body'],
    [{ ...REBUILD, laen: 1 }, 400, 'invalid-body'],
    [['cities'], 400, 'invalid-body'],
    [{ index: 'towns', lane: 'rebuild' }, 404, 'no-such-index'],
    [{ index: 'constructor', lane: 'rebuild' }, 404, 'no-such-index'],
  ])('does not take %j', async (body, status, code) => {
    const answer = await ops.post('/api/v1/runs', body);
    expect([answer.status, await answer.json()]).toMatchObject([status, { code }]);
    expect(await countRuns()).toBe(3);
  });

  it('takes JSON only, and says so', async () => {
    const form = await ops.act('/api/v1/runs', { index: 'cities' });
    expect([form.status, await form.json()]).toMatchObject([400, { code: 'invalid-body' }]);
    const broken = await ops.act('/api/v1/runs', null, 'POST', { 'Content-Type': 'application/json' });
    expect(broken.status).toBe(400);
    const text = await fetch(new URL('/api/v1/runs', dashboard.url), {
      method: 'POST',
      headers: { Cookie: ops.cookie(), 'Content-Type': 'application/json' },
      body: '{"index":',
    });
    expect([text.status, await text.json()]).toMatchObject([400, { code: 'bad-request' }]);
  });

  it('lets no viewer act, and writes nothing down for one', async () => {
    const eve = browser(dashboard.url);
    await eve.signIn(VIEWER);
    for (const [path, methods] of Object.entries(openApi().paths as Record<string, Record<string, unknown>>)) {
      if (methods.post === undefined) continue;
      const answer = await eve.post(`/api/v1${path.replace('{run}', '3').replace('{index}', 'cities')}`, {});
      expect([path, answer.status, await answer.json()]).toMatchObject([path, 403, { code: 'operators-only' }]);
    }
    expect(await audit()).toEqual([]);
  });

  it('pauses, resumes and cancels a run, with notes', async () => {
    const paused = await ops.post('/api/v1/runs/3/pause', { note: '  a look\n at the disk ' });
    expect([paused.status, await paused.json()]).toMatchObject([200, { run: 3, state: 'pausing' }]);
    const [hold] = await query(fix.ledger, `select reason, actor, note from holds`);
    expect(hold).toEqual({ reason: 'paused', actor: 'ops', note: 'a look at the disk' });
    expect((await ops.post('/api/v1/runs/3/pause')).status).toBe(200);
    expect(await (await ops.post('/api/v1/runs/3/resume')).json()).toMatchObject({ state: 'building' });
    expect(await (await ops.post('/api/v1/runs/3/cancel', { force: true, note: 'wrong index' })).json()).toMatchObject({
      state: 'cancelled',
      reason: 'cancelled',
    });
    const again = await ops.post('/api/v1/runs/3/cancel');
    expect([again.status, await again.json()]).toMatchObject([409, { reason: 'no-changes' }]);
    expect((await ops.post('/api/v1/runs/3/pause')).status).toBe(409);
    expect(await audit()).toEqual([
      { actor: 'ops', action: 'pause', target: 'run 3' },
      { actor: 'ops', action: 'resume', target: 'run 3' },
      { actor: 'ops', action: 'cancel', target: 'run 3' },
    ]);
    const details = await query(fix.ledger, `select detail from audit where action <> 'sign-in' order by entry`);
    expect(details.map(({ detail }) => detail)).toEqual([
      { note: 'a look at the disk' },
      { note: null },
      { note: 'wrong index', force: true },
    ]);
  });

  it('retries what failed, and refuses where there is nothing to retry', async () => {
    await endOpenRuns();
    await query(fix.ledger, `update tasks set status = 'failed' where run = 1 and number = 2`);
    expect(await (await ops.post('/api/v1/runs/1/retry', { note: 'mended' })).json()).toMatchObject({
      run: 1,
      finishedAt: null,
    });
    const refused = await ops.post('/api/v1/runs/2/retry');
    expect([refused.status, await refused.json()]).toMatchObject([409, { reason: 'no-changes' }]);
    expect((await ops.post('/api/v1/runs/99/retry')).status).toBe(404);
    expect(await audit()).toEqual([{ actor: 'ops', action: 'retry', target: 'run 1' }]);
    const [last] = await query(fix.ledger, `select detail from audit order by entry desc limit 1`);
    expect(last?.detail).toEqual({ note: 'mended' });
  });

  it('pauses and resumes an index, and its queues that were paused in Bull Board', async () => {
    const paused = await ops.post('/api/v1/indexes/cities/pause', { note: 'migration', lane: 'rebuild' });
    const view = (await paused.json()) as object;
    expect(view).toMatchObject({ index: 'cities', holds: [{ lane: 'rebuild', note: 'migration', actor: 'ops' }] });
    expect(schemaMistakes(view, SCHEMAS.Index as Schema, SCHEMAS, 'index')).toEqual([]);
    const refused = await ops.post('/api/v1/runs', REBUILD);
    expect([refused.status, await refused.json()]).toMatchObject([409, { reason: 'paused' }]);
    expect(await (await ops.post('/api/v1/indexes/cities/resume', { lane: 'rebuild' })).json()).toMatchObject({
      holds: [],
    });

    await ops.act('/queues/api/queues/cities.bulk/pause', null, 'PUT');
    expect(await (await ops.get('/api/v1/indexes/cities')).json()).toMatchObject({
      holds: [{ reason: 'queue-paused' }],
    });
    expect(await (await ops.post('/api/v1/indexes/cities/resume')).json()).toMatchObject({ holds: [] });
    expect(await fix.queue.pausedQueues(['cities'])).toEqual([]);
    expect((await ops.post('/api/v1/indexes/towns/pause')).status).toBe(404);
  });

  it.each([{ Origin: 'https://evil.example' }, { 'Sec-Fetch-Site': 'cross-site' }, { Origin: 'null' }])(
    'takes nothing that another site sends: %j',
    async (headers) => {
      const answer = await ops.post('/api/v1/runs/3/cancel', {}, headers as Record<string, string>);
      expect([answer.status, await answer.json()]).toMatchObject([403, { code: 'cross-site' }]);
    },
  );

  it('starts one run for a key, however often and wherever it comes, and always gives the same answer', async () => {
    await endOpenRuns();
    const other = browser((await fix.start()).url);
    other.takeCookie(ops.cookie());
    const send = (from: typeof ops) => from.post('/api/v1/runs', REBUILD, { 'Idempotency-Key': 'nightly 1' });
    const answers = await Promise.all([ops, other, ops, other, ops, other].map(send));
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    expect(new Set(texts).size).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201, 201]);
    expect(await countRuns()).toBe(4);
    await endOpenRuns();
    const late = await send(other);
    expect([late.status, late.headers.get('location'), await late.text()]).toEqual([
      201,
      answers[0]?.headers.get('location'),
      texts[0],
    ]);
    expect(await countRuns()).toBe(4);
    expect(await audit()).toEqual([{ actor: 'ops', action: 'run', target: 'cities rebuild' }]);
  });

  it('keeps a refusal for its key too, and lets a mistake be mended under the same', async () => {
    await query(fix.ledger, `insert into run_places (index, place, shard, run) values ('cities', 'rebuild', -1, 3)`);
    const key = { 'Idempotency-Key': 'k' };
    expect((await ops.post('/api/v1/runs', { ...REBUILD, lane: 'x' }, key)).status).toBe(400);
    expect((await ops.post('/api/v1/runs', REBUILD, key)).status).toBe(409);
    await endOpenRuns();
    expect((await ops.post('/api/v1/runs', REBUILD, key)).status).toBe(409);
    expect((await ops.post('/api/v1/runs', REBUILD, { 'Idempotency-Key': 'k2' })).status).toBe(201);
  });

  it('refuses a key that came with another body, and keeps the keys of people apart', async () => {
    await endOpenRuns();
    const key = { 'Idempotency-Key': 'k' };
    expect((await ops.post('/api/v1/runs', REBUILD, key)).status).toBe(201);
    const other = await ops.post('/api/v1/runs', { ...REBUILD, force: true }, key);
    expect([other.status, await other.json()]).toMatchObject([422, { code: 'idempotency-key-reused' }]);
    expect((await ops.post('/api/v1/runs', { force: false, lane: 'rebuild', index: 'cities' }, key)).status).toBe(201);
    const second = browser((await fix.start({ users: [OPERATOR, { ...OPERATOR, name: 'ann' }] })).url);
    await second.signIn({ ...OPERATOR, name: 'ann' });
    expect((await second.post('/api/v1/runs', REBUILD, key)).status).toBe(409);
    expect((await ops.post('/api/v1/runs', REBUILD, { 'Idempotency-Key': 'ü'.repeat(2) })).status).toBe(400);
  });

  it('finds the run that was started by a dashboard that died before it could answer', async () => {
    await endOpenRuns();
    const headers = { 'Idempotency-Key': 'crash' };
    // What the dashboard did before it died: it took the request on, and started the run.
    const probe = await ops.post('/api/v1/runs', REBUILD, headers);
    const { run } = (await probe.json()) as { run: number };
    await query(
      fix.ledger,
      `update requests set response = jsonb_build_object('id', r.options ->> 'request', 'token', 'dead', 'until', 0)
         from runs r where r.run = $1`,
      [run],
    );
    await endOpenRuns();
    const again = await ops.post('/api/v1/runs', REBUILD, headers);
    expect([again.status, await again.json()]).toMatchObject([201, { run, state: 'cancelled' }]);
    expect(await countRuns()).toBe(4);
  });

  it('takes over a request whose dashboard died before it started anything', async () => {
    await endOpenRuns();
    const keyed = { key: 'dead', actor: 'ops', fingerprint: 'f' };
    expect(await claimRequest(fix.ledger, keyed, 60_000)).toMatchObject({ kind: 'claimed' });
    expect(await claimRequest(fix.ledger, keyed, 60_000)).toEqual({ kind: 'busy' });
    await query(fix.ledger, `update requests set response = response || '{"until": 0}'`);
    const claims = await Promise.all([1, 2, 3].map(() => claimRequest(fix.ledger, keyed, 60_000)));
    expect(claims.map(({ kind }) => kind).sort()).toEqual(['busy', 'busy', 'claimed']);
    expect(await claimRequest(fix.ledger, { ...keyed, fingerprint: 'g' }, 60_000)).toEqual({ kind: 'other-request' });
  });
});
