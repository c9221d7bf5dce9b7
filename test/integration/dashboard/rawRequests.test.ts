import { connect } from 'node:net';
import type { Dashboard } from '@reindeer/app-dashboard';
import { query } from '@reindeer/ledger';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeRedis } from '../../support/servers.ts';
import { browser, type Fixture, fixture, OPERATOR, seedRuns, VIEWER } from './fixture.ts';

const PATHS = [
  ...['//', '//queues', '//queues/api/queues', '/queues//api/queues', '/./queues', '/queues/../api/v1/runs'],
  ...[
    '/assets/../api/v1/runs',
    '/assets/..%2fapi/v1/runs',
    '/assets/%2e%2e/api/v1/runs',
    '/assets/%2e%2e%2f%2e%2e%2fmain.ts',
  ],
  ...[
    '/healthz/../api/v1/runs',
    '/healthz;/../metrics',
    '/healthz%2f..%2fmetrics',
    '/sign-in/../metrics',
    '/sign-in/%2e%2e/metrics',
  ],
  ...[
    '/api%2fv1%2fruns',
    '/%61pi/v1/runs',
    '/API/v1/runs',
    '/QUEUES/api/queues',
    '/Metrics',
    '/api/v1/runs.',
    '/api/v1/runs/',
  ],
  ...[
    '/api/v1/runs%00',
    '/queues\\api\\queues',
    '/queues%5capi',
    '/%',
    '/%ff',
    '/queues/%ff',
    '/runs/%e0%a4%a',
    '/api/v1/indexes/%2e%2e',
  ],
  ...[
    '/api/v1/runs;x=1',
    '/api/v1/runs#x',
    '/?next=/healthz',
    '/metrics?token=scrape%20me',
    'http://evil.example/api/v1/runs',
    '*',
  ],
];

/** What a client of its own can send, and `fetch` would mend before sending. */
describeRedis('requests that no browser sends', () => {
  let fix: Fixture;
  let dashboard: Dashboard;
  beforeAll(async () => {
    fix = await fixture('dashboard-raw');
    await seedRuns(fix.ledger);
    dashboard = await fix.start();
  });
  afterAll(() => fix.end());

  function raw(text: string): Promise<string> {
    const { hostname, port } = new URL(dashboard.url);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => socket.write(text, 'latin1'));
      let answer = '';
      socket.setEncoding('latin1').on('data', (part) => {
        answer += part;
      });
      socket.on('close', () => resolve(answer)).on('error', reject);
    });
  }
  const ask = (method: string, path: string, headers: readonly string[] = [], body = '') =>
    raw([`${method} ${path} HTTP/1.1`, 'Host: x', 'Connection: close', ...headers, '', body].join('\r\n'));
  const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
  const cookieOf = async (user: typeof OPERATOR) => {
    const person = browser(dashboard.url);
    await person.signIn(user);
    return `Cookie: ${person.cookie()}`;
  };

  it.each(['GET', 'HEAD', 'OPTIONS'])(
    'show nothing to a stranger by %s, however the path is written',
    async (method) => {
      for (const path of PATHS) {
        const answer = await ask(method, path, ['X-Original-URL: /api/v1/runs', 'X-Rewrite-URL: /api/v1/runs']);
        expect([path, [400, 401, 404].includes(statusOf(answer))]).toEqual([path, true]);
        expect([path, /"runs"|cities|reindeer_freshness|5128581|import /.exec(answer)?.[0]]).toEqual([path, undefined]);
        const page = await ask(method, path, ['Accept: text/html']);
        expect([path, [303, 400, 401, 404].includes(statusOf(page))]).toEqual([path, true]);
        expect([path, /^location: (?!\/sign-in)/im.exec(page)?.[0]]).toEqual([path, undefined]);
      }
    },
  );

  it.each(['GET', 'HEAD', 'OPTIONS'])('change nothing by %s, whatever method they name otherwise', async (method) => {
    const cookie = await cookieOf(OPERATOR);
    const before = await query(fix.ledger, `select run, status from runs order by run`);
    for (const path of [
      '/api/v1/runs/3/cancel',
      '/api/v1/runs/3/cancel?_method=POST',
      '/runs/3/cancel?_method=POST',
      '/queues/api/queues/cities.bulk/pause?_method=PUT',
      '/sign-out?_method=POST',
    ]) {
      await ask(
        method,
        path,
        [
          cookie,
          'X-HTTP-Method-Override: POST',
          'X-Method-Override: PUT',
          'Content-Type: application/x-www-form-urlencoded',
          'Content-Length: 12',
        ],
        '_method=POST',
      );
    }
    expect(await query(fix.ledger, `select run, status from runs order by run`)).toEqual(before);
    expect(await query(fix.ledger, `select action from audit where action <> 'sign-in'`)).toEqual([]);
    expect(await fix.queue.pausedQueues(['cities'])).toEqual([]);
    expect(statusOf(await ask('GET', '/api/v1/runs', [cookie]))).toBe(200);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'QUERY', 'PROPFIND', 'M-SEARCH'])(
    'let no viewer change anything by %s, however the path is written',
    async (method) => {
      const cookie = await cookieOf(VIEWER);
      const before = await query(fix.ledger, `select run, status from runs order by run`);
      for (const path of [
        ...PATHS,
        '/api/v1//runs/3/cancel',
        '/runs/3/cancel/',
        '//runs/3/cancel',
        '/runs/3%2fcancel',
      ]) {
        const answer = await ask(method, path, [cookie, 'Sec-Fetch-Site: same-origin', 'Content-Length: 0']);
        expect([path, [400, 403].includes(statusOf(answer))]).toEqual([path, true]);
      }
      expect(await query(fix.ledger, `select run, status from runs order by run`)).toEqual(before);
    },
  );

  it('take no word on who is asking but the cookie', async () => {
    for (const header of [
      'X-Forwarded-User: ops',
      'Authorization: Basic b3BzOmNvcnJlY3QgaG9yc2U=',
      'Authorization: Bearer scrape me',
      'X-Forwarded-For: 127.0.0.1',
    ]) {
      expect([header, statusOf(await ask('GET', '/api/v1/runs', [header]))]).toEqual([header, 401]);
    }
    for (const cookie of [
      'reindeer_session=.',
      'reindeer_session=..',
      'reindeer_session=a.b',
      'reindeer_session=%',
      'reindeer_session=%00.%00',
      `reindeer_session=${'x'.repeat(8_000)}.b3Bz`,
      '__proto__=a.b',
      'reindeer_session=a.bGluazpvbmNl',
    ]) {
      expect([cookie, statusOf(await ask('GET', '/api/v1/runs', [`Cookie: ${cookie}`]))]).toEqual([cookie, 401]);
    }
  });

  it('write no header and no other address where somebody is led to', async () => {
    for (const next of [
      '/%0d%0aSet-Cookie:%20a=b',
      '//evil.example',
      '/\\evil.example',
      '/%09/evil.example',
      'https://evil.example',
      '/..//evil.example',
    ]) {
      const body = `name=ops&password=correct+horse&next=${encodeURIComponent(decodeURIComponent(next))}`;
      const answer = await ask(
        'POST',
        '/sign-in',
        [
          'Sec-Fetch-Site: same-origin',
          'Content-Type: application/x-www-form-urlencoded',
          `Content-Length: ${body.length}`,
        ],
        body,
      );
      expect([next, statusOf(answer)]).toEqual([next, 303]);
      expect([next, /^location: (.*)$/im.exec(answer)?.[1]]).toEqual([next, '/']);
      expect([next, [...answer.matchAll(/^set-cookie: (\w+)/gim)].map(([, name]) => name)]).toEqual([
        next,
        ['reindeer_session'],
      ]);
    }
  });

  it('are refused when they are two in one, or larger than what is taken', async () => {
    const form = 'Content-Type: application/x-www-form-urlencoded';
    const both = await ask('POST', '/sign-in', [form, 'Content-Length: 4', 'Transfer-Encoding: chunked'], '0\r\n\r\n');
    expect(statusOf(both)).toBe(400);
    const twice = await ask('POST', '/sign-in', [form, 'Content-Length: 4', 'Content-Length: 5'], 'a=b&c');
    expect(statusOf(twice)).toBe(400);
    const large = 'a'.repeat(5_000);
    expect(statusOf(await ask('POST', '/sign-in', [form, `Content-Length: ${large.length}`], large))).toBe(413);
    expect(statusOf(await ask('GET', `/${'a'.repeat(20_000)}`))).toBe(431);
    const cookie = await cookieOf(OPERATOR);
    const json = JSON.stringify({ note: 'n'.repeat(20_000) });
    const api = await ask(
      'POST',
      '/api/v1/runs/3/pause',
      [cookie, 'Content-Type: application/json', `Content-Length: ${json.length}`],
      json,
    );
    expect(statusOf(api)).toBe(413);
  });

  it('guess no password faster when many come at once', async () => {
    const body = 'name=target&password=guess';
    const guesses = Array.from({ length: 60 }, () =>
      ask(
        'POST',
        '/sign-in',
        [
          'Sec-Fetch-Site: same-origin',
          'Content-Type: application/x-www-form-urlencoded',
          `Content-Length: ${body.length}`,
        ],
        body,
      ),
    );
    const looked = (await Promise.all(guesses)).filter((answer) => statusOf(answer) === 401);
    expect(looked.length).toBeLessThanOrEqual(5);
  });
});
