import type { Dashboard } from '@reindeer/app-dashboard';
import { query } from '@reindeer/ledger';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SCHEMAS, type Schema } from '../../../apps/dashboard/src/api/schemas.ts';
import { describeRedis } from '../../support/servers.ts';
import { browser, type Fixture, fixture, OPERATOR, seedFollowed, VIEWER } from './fixture.ts';
import { schemaMistakes } from './schemaMistakes.ts';

describeRedis('promotion, rollback and requested changes', () => {
  let fix: Fixture;
  let dashboard: Dashboard;
  let ops: ReturnType<typeof browser>;
  const begin = async (change: Parameters<typeof fixture>[1] = { incremental: { everyMs: 1_000 } }) => {
    fix = await fixture('dashboard-promotion', change);
    await seedFollowed(fix.ledger);
    dashboard = await fix.start();
    ops = browser(dashboard.url);
    await ops.signIn(OPERATOR);
  };
  beforeEach(() => begin());
  afterEach(() => fix.end());

  const audit = () =>
    query(
      fix.ledger,
      `select actor, action, target, detail ->> 'note' as note, detail -> 'force' as force
                         from audit where action not like 'sign-%' order by entry`,
    );
  const runs = () =>
    query(
      fix.ledger,
      `select g.name, r.status from runs r join generations g on g.generation = r.generation
                        where r.lane = 'promote' order by r.run`,
    );
  const view = async () => (await (await ops.get('/api/v1/indexes/cities')).json()) as Record<string, unknown>;

  it('shows how an index is followed, what soaks, what is stale and what was refused', async () => {
    const index = await view();
    expect(schemaMistakes(index, SCHEMAS.Index as Schema, SCHEMAS, 'index')).toEqual([]);
    expect(index).toMatchObject({
      changes: 'log',
      feed: { run: 4, state: 'follows', detail: null, requestedKeys: 0 },
      soaking: [{ generation: 'cities_g3_p7ax', number: 3 }],
      generations: [
        { name: 'cities_g5_q1zz', state: 'failed', refusedReason: 'count-gate' },
        { name: 'cities_g4_w2bb' },
        { name: 'cities_g3_p7ax', staleReason: null, soakUntil: expect.any(String) },
        { name: 'cities_g2_k3f9', staleReason: 'soaked' },
      ],
    });
    expect(index.lagSeconds).toBeLessThan(60);
    // Nothing is owed, so that it is as fresh as the last pass.
    expect(Math.abs(Number(index.freshnessSeconds) - Number(index.lagSeconds))).toBeLessThan(1);
    const [soaking] = index.soaking as { secondsLeft: number }[];
    expect(soaking?.secondsLeft).toBeGreaterThan(2_700);
  });

  it('is no fresher than the last refresh while one is owed', async () => {
    await query(fix.ledger, `select owe_refresh(generation, 'truncated') from generations where state = 'live'`);
    expect(Number((await view()).freshnessSeconds)).toBeGreaterThan(600);
  });

  it('rolls back to what was live before, with the note in the audit', async () => {
    const answer = await ops.post('/api/v1/indexes/cities/rollback', { note: 'no umlauts' });
    const run = (await answer.json()) as { run: number };
    expect([answer.status, answer.headers.get('location')]).toEqual([201, `/api/v1/runs/${run.run}`]);
    expect(schemaMistakes(run, SCHEMAS.Run as Schema, SCHEMAS, 'run')).toEqual([]);
    expect(run).toMatchObject({ lane: 'promote', generation: 'cities_g3_p7ax', state: 'queued', trigger: 'manual' });
    expect(await runs()).toEqual([{ name: 'cities_g3_p7ax', status: 'queued' }]);
    expect(await audit()).toEqual([
      { actor: 'ops', action: 'rollback', target: 'cities to cities_g3_p7ax', note: 'no umlauts', force: false },
    ]);
    const second = await ops.post('/api/v1/indexes/cities/rollback');
    expect([second.status, await second.json()]).toMatchObject([409, { reason: 'overlap' }]);
  });

  it('promotes what was refused, by its name, its number, or without either', async () => {
    for (const generation of ['cities_g5_q1zz', '5', 5, undefined]) {
      const answer = await ops.post('/api/v1/indexes/cities/promote', { generation });
      expect([answer.status, await answer.json()]).toMatchObject([201, { generation: 'cities_g5_q1zz' }]);
      await query(fix.ledger, `update runs set status = 'cancelled', finished_at = now() where lane = 'promote'`);
      await query(fix.ledger, `delete from run_places where place = 'promote'`);
    }
  });

  it.each([
    ['rollback', { generation: 'cities_g2_k3f9' }, 409, 'generation-stale'],
    ['rollback', { generation: 'cities_g9' }, 409, 'generation-gone'],
    ['rollback', { generation: 'cities_g4_w2bb' }, 409, 'no-changes'],
    ['rollback', { force: true }, 400, 'note-missing'],
    ['rollback', { force: true, note: ' ' }, 400, 'note-missing'],
    ['rollback', { generation: ['x'] }, 400, 'invalid-body'],
    ['promote', { generatoin: 'x' }, 400, 'invalid-body'],
  ])('refuses %s %j', async (verb, body, status, code) => {
    const answer = await ops.post(`/api/v1/indexes/cities/${verb}`, body);
    expect([answer.status, await answer.json()]).toMatchObject([status, { code }]);
    expect(await runs()).toEqual([]);
    expect((await ops.post(`/api/v1/indexes/towns/${verb}`, {})).status).toBe(404);
  });

  it('takes back a stale generation by force, with a note', async () => {
    const body = { generation: '2', force: true, note: 'rather old than wrong' };
    const answer = await ops.post('/api/v1/indexes/cities/rollback', body);
    const run = (await answer.json()) as { run: number };
    const asked = { by: 'ops', note: 'rather old than wrong', force: true };
    expect([answer.status, run]).toMatchObject([201, { generation: 'cities_g2_k3f9', asked }]);
    const page = await (await ops.get(`/runs/${run.run}`)).text();
    expect(page).toMatch(/manual <small>ops, .*by force: past every gate.*<dt>Note<\/dt><dd>rather old than wrong</s);
    expect(await audit()).toMatchObject([{ note: 'rather old than wrong', force: true }]);
  });

  it('rolls back once for an Idempotency-Key', async () => {
    const key = { 'Idempotency-Key': 'pager 7' };
    const answers = await Promise.all([1, 2, 3].map(() => ops.post('/api/v1/indexes/cities/rollback', {}, key)));
    expect(new Set(await Promise.all(answers.map((answer) => answer.text()))).size).toBe(1);
    expect(await runs()).toHaveLength(1);
  });

  describe('changes', () => {
    const send = (keys: unknown, headers: Record<string, string> = {}) =>
      ops.post('/api/v1/indexes/cities/changes', { keys }, headers);
    const waiting = async () =>
      (await query<{ key: string[] }>(fix.ledger, `select key from requested_keys order by sequence`)).map(
        ({ key }) => key,
      );

    it('notes the keys, each once, for the feed', async () => {
      const answer = await send(['42', ['43'], '42', '9007199254740993']);
      const body = (await answer.json()) as object;
      expect([answer.status, body]).toEqual([202, { accepted: 4 }]);
      expect(schemaMistakes(body, SCHEMAS.ChangesAccepted as Schema, SCHEMAS, 'body')).toEqual([]);
      expect((await waiting()).toSorted()).toEqual([['42'], ['43'], ['9007199254740993']]);
      expect(await view()).toMatchObject({ feed: { requestedKeys: 3 } });
      expect(await audit()).toEqual([]);
    });

    it('takes many at once, and once for a key', async () => {
      const many = Array.from({ length: 10_000 }, (_, at) => String(at).padStart(200, '0'));
      expect((await send(many, { 'Idempotency-Key': 'batch 1' })).status).toBe(202);
      expect((await send(many, { 'Idempotency-Key': 'batch 1' })).status).toBe(202);
      expect(await waiting()).toHaveLength(10_000);
    });

    it.each([
      [[42], 400, 'invalid-body'],
      [[['t1', '42']], 400, 'invalid-body'],
      [[], 400, 'invalid-body'],
      [Array.from({ length: 10_001 }, String), 400, 'invalid-body'],
      [['x'.repeat(8_000_000)], 413, 'bad-request'],
    ])('refuses %#', async (keys, status, code) => {
      const answer = await send(keys);
      expect([answer.status, await answer.json()]).toMatchObject([status, { code }]);
      expect(await waiting()).toEqual([]);
    });

    it('asks for patience where too many wait, and keeps no such answer for a key', async () => {
      // Checking each of a million rows would take half a minute, and is not what is looked at.
      await query(fix.ledger, `alter table requested_keys drop constraint requested_keys_index_fkey`);
      await query(fix.ledger, `alter table requested_keys set unlogged`);
      for (let part = 0; part < 10; part += 1) {
        await query(
          fix.ledger,
          `insert into requested_keys (index, key) select 'cities', '["1"]' from generate_series(1, 100000)`,
        );
      }
      const key = { 'Idempotency-Key': 'later' };
      const answer = await send(['1'], key);
      expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toMatchObject([
        429,
        '30',
        { code: 'backpressure', reason: 'backpressure' },
      ]);
      expect(await view()).toMatchObject({ feed: { requestedKeys: 100_000 } });
      await query(fix.ledger, `truncate requested_keys`);
      expect((await send(['1'], key)).status).toBe(202);
    });

    it('is for operators', async () => {
      const eve = browser(dashboard.url);
      await eve.signIn(VIEWER);
      expect((await eve.post('/api/v1/indexes/cities/changes', { keys: ['1'] })).status).toBe(403);
    });

    it('refuses keys that nothing would index, and says what to do', async () => {
      await fix.end();
      await begin({ incremental: null });
      const answer = await send(['1']);
      expect([answer.status, await answer.json()]).toMatchObject([
        409,
        { reason: 'not-in-configuration', detail: expect.stringContaining("incremental: { every: '1s' }") },
      ]);
      await fix.end();
      await begin();
      await query(fix.ledger, `truncate indexes cascade`);
      const early = await send(['1']);
      expect([early.status, await early.json()]).toMatchObject([
        409,
        { reason: 'not-in-configuration', detail: expect.stringContaining('No scheduler has applied') },
      ]);
    });
  });
});
