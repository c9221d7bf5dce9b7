import type { Dashboard } from '@reindeer/app-dashboard';
import { query } from '@reindeer/ledger';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SCHEMAS, type Schema } from '../../../apps/dashboard/src/api/schemas.ts';
import { describeRedis } from '../../support/servers.ts';
import { browser, type Fixture, fixture, seedRuns, VIEWER } from './fixture.ts';
import { schemaMistakes } from './schemaMistakes.ts';

describeRedis('the events of the dashboard', () => {
  let fix: Fixture;
  let dashboard: Dashboard;
  let eve: ReturnType<typeof browser>;
  beforeAll(async () => {
    fix = await fixture('dashboard-events');
    await seedRuns(fix.ledger);
    dashboard = await fix.start();
    eve = browser(dashboard.url);
    await eve.signIn(VIEWER);
  });
  afterAll(() => fix.end());

  /** The runs of a stream as they come. */
  async function* runs(answer: Response): AsyncGenerator<{ run: number; state: string; documents: { read: number } }> {
    let text = '';
    for await (const part of (answer.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
      text += part;
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) {
        const data = /^event: run\ndata: (.*)$/.exec(event)?.[1];
        if (data !== undefined) yield JSON.parse(data);
      }
    }
  }

  it('tell every open run at first, then what changes, then the end', async () => {
    const answer = await eve.get('/api/v1/events');
    expect(answer.headers.get('content-type')).toContain('text/event-stream');
    const stream = runs(answer);
    const first = (await stream.next()).value;
    expect(first).toMatchObject({ run: 3, state: 'building', documents: { read: 80_398 } });
    expect(schemaMistakes(first, SCHEMAS.Run as Schema, SCHEMAS, 'run')).toEqual([]);
    await query(fix.ledger, `update tasks set read = read + 1 where run = 3 and number = 3`);
    expect((await stream.next()).value).toMatchObject({ run: 3, documents: { read: 80_399 } });
    // Who comes later is told the open runs too.
    const later = runs(await eve.get('/api/v1/events'));
    expect((await later.next()).value).toMatchObject({ run: 3 });
    await query(fix.ledger, `update runs set status = 'cancelled', finished_at = now() where run = 3`);
    for (const one of [stream, later]) {
      let last = (await one.next()).value;
      while (last?.state === 'building') last = (await one.next()).value;
      expect(last).toMatchObject({ run: 3, state: 'cancelled' });
    }
  });

  it('end soon after their reader signed out elsewhere', async () => {
    const here = browser(dashboard.url);
    await here.signIn(VIEWER);
    const events = await here.get('/api/v1/events');
    const rest = events.text();
    expect((await here.act('/sign-out')).status).toBe(303);
    expect(await rest).toContain('retry: 2000');
  });

  it('end with the dashboard, and keep it from nothing', async () => {
    const other = await fix.start();
    const here = browser(other.url);
    here.takeCookie(eve.cookie());
    const stream = runs(await here.get('/api/v1/events'));
    const rest = stream.next();
    await other.stop('test');
    expect((await rest).done).toBe(true);
  });
});
