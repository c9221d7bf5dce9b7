import type { Dashboard } from '@reindeer/app-dashboard';
import { query } from '@reindeer/ledger';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeRedis } from '../../support/servers.ts';
import { browser, type Fixture, fixture, OPERATOR, seedRuns, VIEWER } from './fixture.ts';

describeRedis('access to the dashboard', () => {
  let fix: Fixture;
  let dashboard: Dashboard;
  beforeAll(async () => {
    fix = await fixture('dashboard-access');
    await seedRuns(fix.ledger);
    dashboard = await fix.start();
  });
  afterAll(() => fix.end());

  const CLOSED = [
    ...[
      '/',
      '/runs/2',
      '/queues',
      '/queues/',
      '/queues/queue/cities.bulk',
      '/queues/api/queues',
      '/queues/static/js/x.js',
    ],
    ...['/api/v1/runs', '/api/v1/runs/2', '/api/v1/runs/2/slices', '/api/v1/runs/2/failures', '/api/v1/indexes'],
    ...['/api/v1/indexes/cities', '/api/v1/openapi.json', '/api/v1/other', '/metrics', '/other'],
  ];

  it.each(CLOSED)('%s asks a signed-out caller for a sign-in', async (path) => {
    const answer = await browser(dashboard.url).get(path);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(await answer.json()).toMatchObject({ status: 401, code: 'signed-out' });
  });

  it.each(['/', '/runs/2', '/queues/', '/other'])('%s leads a signed-out person to the sign-in page', async (path) => {
    const answer = await browser(dashboard.url).page(path);
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe(`/sign-in?next=${encodeURIComponent(path)}`);
  });

  it.each(['/healthz', '/readyz', '/sign-in'])('%s is open', async (path) => {
    expect((await browser(dashboard.url).get(path)).status).toBe(200);
  });

  it('takes a forged or an old cookie for nobody', async () => {
    const stranger = browser(dashboard.url);
    stranger.takeCookie('reindeer_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA');
    expect((await stranger.get('/api/v1/runs')).status).toBe(401);
    const ops = browser(dashboard.url);
    await ops.signIn(OPERATOR);
    expect((await ops.get('/api/v1/runs')).status).toBe(200);
    await query(fix.ledger, `update sessions set expires_at = now() where name = $1`, [OPERATOR.name]);
    expect((await ops.get('/api/v1/runs')).status).toBe(401);
  });

  it('signs in with name and password, goes on to where one wanted, and out again', async () => {
    const ops = browser(dashboard.url);
    const answer = await ops.signIn(OPERATOR, '/queues/');
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe('/queues/');
    const cookie = answer.headers.getSetCookie()[0] ?? '';
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Lax/);
    expect(cookie).not.toMatch(/Secure/);
    expect((await ops.page('/')).status).toBe(200);
    const before = ops.cookie();
    expect((await ops.act('/sign-out')).headers.get('location')).toBe('/sign-in');
    ops.takeCookie(before);
    expect((await ops.get('/api/v1/runs')).status).toBe(401);
  });

  it('keeps only hashes of tokens', async () => {
    const ops = browser(dashboard.url);
    await ops.signIn(OPERATOR);
    const token = ops.cookie().split('=')[1] ?? '';
    const rows = await query<{ token_hash: Buffer }>(fix.ledger, `select token_hash from sessions`);
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row.token_hash.toString('latin1')).not.toContain(token);
    expect(fix.logged.join('')).not.toContain(token);
  });

  it('marks the cookie Secure behind a proxy that speaks https', async () => {
    const ops = browser(dashboard.url);
    const body = { name: OPERATOR.name, password: OPERATOR.password };
    const answer = await ops.act('/sign-in', body, 'POST', { 'X-Forwarded-Proto': 'https' });
    expect(answer.headers.getSetCookie()[0]).toMatch(/Secure/);
  });

  it('never leads to another server after signing in', async () => {
    const answer = await browser(dashboard.url).signIn(OPERATOR, '//evil.example/');
    expect(answer.headers.get('location')).toBe('/');
  });

  it('refuses a wrong password, and after five of them looks at none for a while', async () => {
    const ops = browser(dashboard.url);
    const wrong = { ...OPERATOR, name: 'mallory', password: 'guess' };
    for (let i = 0; i < 5; i++) expect((await ops.signIn(wrong)).status).toBe(401);
    const answer = await ops.signIn(wrong);
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(ops.cookie()).toBe('');
    expect((await browser(dashboard.url).signIn(OPERATOR)).status).toBe(303);
  });

  it.each([
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
    { 'Sec-Fetch-Site': 'cross-site' },
    { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'same-origin' },
    {},
  ])('refuses what another site makes a browser send: %j', async (headers) => {
    const ops = browser(dashboard.url);
    await ops.signIn(OPERATOR);
    for (const [method, path] of [
      ['PUT', '/queues/api/queues/cities.bulk/pause'],
      ['POST', '/sign-out'],
      ...(Object.keys(headers).length === 0 ? [] : ([['POST', '/sign-in']] as const)),
    ] as const) {
      const answer = await fetch(new URL(path, dashboard.url), {
        method,
        headers: { Cookie: ops.cookie(), ...(headers as Record<string, string>) },
      });
      expect(answer.status).toBe(403);
      expect(await answer.json()).toMatchObject({ code: 'cross-site' });
    }
    expect(await fix.queue.pausedQueues(['cities'])).toEqual([]);
    expect((await ops.get('/api/v1/runs')).status).toBe(200);
  });

  it('shares its sessions with another dashboard, which may also end them', async () => {
    const other = await fix.start();
    const here = browser(dashboard.url);
    await here.signIn(VIEWER);
    const there = browser(other.url);
    there.takeCookie(here.cookie());
    expect((await there.get('/api/v1/indexes')).status).toBe(200);
    await there.act('/sign-out');
    expect((await here.get('/api/v1/indexes')).status).toBe(401);
  });

  it('keeps a session over a restart', async () => {
    const first = await fix.start();
    const here = browser(first.url);
    await here.signIn(VIEWER);
    await first.stop('test');
    const again = browser((await fix.start()).url);
    again.takeCookie(here.cookie());
    expect((await again.get('/api/v1/indexes')).status).toBe(200);
  });

  it('lets a person in on another dashboard while a stranger guesses on this one', async () => {
    const stranger = browser(dashboard.url);
    for (let i = 0; i < 6; i++) await stranger.signIn({ ...VIEWER, password: 'guess' });
    expect((await stranger.signIn({ ...VIEWER, password: 'guess' })).status).toBe(429);
    expect((await browser((await fix.start()).url).signIn(VIEWER)).status).toBe(303);
  });

  it('takes a sign-in and calls of the API from a script, which sends no origin', async () => {
    const script = browser(dashboard.url);
    const body = new URLSearchParams({ name: OPERATOR.name, password: OPERATOR.password });
    const answer = await fetch(new URL('/sign-in', dashboard.url), { method: 'POST', body, redirect: 'manual' });
    expect(answer.status).toBe(303);
    script.takeCookie((answer.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '');
    expect((await script.post('/api/v1/runs/99/cancel')).status).toBe(404);
    const form = await fetch(new URL('/runs/3/cancel', dashboard.url), {
      method: 'POST',
      headers: { Cookie: script.cookie() },
    });
    expect(form.status).toBe(403);
  });

  it('writes down who signs out', async () => {
    const ops = browser(dashboard.url);
    await ops.signIn(OPERATOR);
    await ops.act('/sign-out');
    const [last] = await query(fix.ledger, `select actor, action from audit order by entry desc limit 1`);
    expect(last).toEqual({ actor: 'ops', action: 'sign-out' });
  });

  it('lets nobody in who is no longer configured, and follows a changed role', async () => {
    const ops = browser(dashboard.url);
    await ops.signIn(OPERATOR);
    const demoted = await fix.start({ users: [{ ...OPERATOR, role: 'viewer' }] });
    const there = browser(demoted.url);
    there.takeCookie(ops.cookie());
    expect((await there.act('/queues/api/queues/cities.bulk/pause', null, 'PUT')).status).toBe(403);
    const removed = await fix.start({ users: [VIEWER] });
    const gone = browser(removed.url);
    gone.takeCookie(ops.cookie());
    expect((await gone.get('/api/v1/runs')).status).toBe(401);
  });

  it('ends the sessions of a password that was changed, on the same ledger', async () => {
    const { url } = await fix.start();
    const [ops, eve] = [browser(url), browser(url)];
    await ops.signIn(OPERATOR);
    await eve.signIn(VIEWER);
    const changed = await fix.start({ users: [{ ...OPERATOR, password: 'another horse' }, VIEWER] });
    const [opsThere, eveThere] = [browser(changed.url), browser(changed.url)];
    opsThere.takeCookie(ops.cookie());
    eveThere.takeCookie(eve.cookie());
    expect((await opsThere.get('/api/v1/runs')).status).toBe(401);
    expect((await eveThere.get('/api/v1/runs')).status).toBe(200);
  });

  it('takes nobody for another whose name stands in the cookie', async () => {
    const eve = browser((await fix.start()).url);
    expect((await eve.signIn(VIEWER)).status).toBe(303);
    const token = eve.cookie().split('.')[0];
    for (const name of [OPERATOR.name, 'link:once', '', 'nobody']) {
      eve.takeCookie(`${token}.${Buffer.from(name).toString('base64url')}`);
      expect([name, (await eve.get('/api/v1/runs')).status]).toEqual([name, 401]);
    }
  });

  it('ends a session 30 days after it began, however often it is used', async () => {
    const ops = browser(dashboard.url);
    await ops.signIn(OPERATOR);
    await query(fix.ledger, `update sessions set created_at = now() - interval '29 days'`);
    expect((await ops.get('/api/v1/runs')).status).toBe(200);
    await query(fix.ledger, `update sessions set created_at = now() - interval '30 days'`);
    expect((await ops.get('/api/v1/runs')).status).toBe(401);
  });

  it('prolongs a session that is used', async () => {
    const ops = browser(dashboard.url);
    await ops.signIn(OPERATOR);
    expect((await ops.get('/api/v1/runs')).headers.getSetCookie()).toEqual([]);
    await query(fix.ledger, `update sessions set expires_at = now() + interval '1 minute'`);
    const prolonged = await ops.get('/queues/');
    expect(prolonged.headers.getSetCookie()).toEqual([expect.stringMatching(/Max-Age=3600;.*HttpOnly/)]);
    expect(prolonged.headers.get('cache-control')).toBe('no-store');
    expect((await ops.get('/api/v1/runs')).status).toBe(200);
    const [row] = await query<{ longest: number }>(
      fix.ledger,
      `select max(extract(epoch from expires_at - now()))::float8 as longest from sessions`,
    );
    expect(row?.longest).toBeGreaterThan(3_500);
  });

  it('signs in by a link once; looking at it does not use it up', async () => {
    const empty = await fix.start({ users: [] });
    const link = await empty.signInLink();
    const one = browser(empty.url);
    const token = new URL(link).searchParams.get('token') ?? '';
    for (let i = 0; i < 3; i++) {
      const page = await one.page(link);
      expect(page.status).toBe(200);
      expect(page.headers.get('referrer-policy')).toBe('same-origin');
      expect(await page.text()).toContain('action="/sign-in/link"');
    }
    const answers = await Promise.all([1, 2, 3, 4].map(() => browser(empty.url).act('/sign-in/link', { token })));
    expect(answers.map((answer) => answer.status).sort()).toEqual([303, 410, 410, 410]);
    expect((await one.act('/sign-in/link', { token })).status).toBe(410);
    const rows = await query<{ action: string; actor: string }>(
      fix.ledger,
      `select action, actor from audit where actor = 'link:once'`,
    );
    expect(rows).toEqual([{ action: 'sign-in', actor: 'link:once' }]);
  });

  it('refuses a link that is too old or made up', async () => {
    const token = new URL(await dashboard.signInLink()).searchParams.get('token') ?? '';
    await query(fix.ledger, `update sign_in_links set expires_at = now() where used_at is null`);
    expect((await browser(dashboard.url).act('/sign-in/link', { token })).status).toBe(410);
    expect((await browser(dashboard.url).act('/sign-in/link', { token: 'x' })).status).toBe(410);
    expect((await browser(dashboard.url).act('/sign-in/link', {})).status).toBe(410);
  });

  it('gives the metrics to the bearer token alone, or to who is signed in', async () => {
    const scraper = browser(dashboard.url);
    expect((await scraper.get('/metrics', { Authorization: 'Bearer wrong' })).status).toBe(401);
    const answer = await scraper.get('/metrics', { Authorization: 'Bearer scrape me' });
    expect(answer.status).toBe(200);
    const text = await answer.text();
    expect(text).toMatch(/reindeer_freshness_seconds\{index="cities",app="dashboard"\} [3-9]\d\d\d/);
    expect(text).toMatch(/reindeer_queue_jobs\{queue="cities\.bulk",state="waiting",app="dashboard"\} 0/);
    expect(text).toMatch(/reindeer_slices\{index="cities",state="completed",app="dashboard"\} 2/);
  });

  it('sends headers that let its pages load, run and be framed by nothing foreign', async () => {
    const answer = await browser(dashboard.url).page('/sign-in');
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('x-powered-by')).toBeNull();
  });
});
