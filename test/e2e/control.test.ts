import { openTaskQueue } from '@reindeer/queue';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Deployment, deploy, lastJson } from '../support/deployment.ts';
import { until } from '../support/until.ts';

let d: Deployment;
beforeEach(async () => {
  d = await deploy('control', 'postgres');
  await d.db.query(`create table book (id bigint primary key, title text)`);
  await d.db.query(`insert into book select n, 'Volume ' || n from generate_series(1, 500) n`);
  await d.configure(`{ books: {
    source: { connection: 'db', table: 'public.book', key: ['id'] }, sink: { connection: 'db' }, shards: 2 } }`);
});
afterEach(() => d.close());

interface Run {
  readonly run: number;
  readonly state: string;
}

it('a run that is asked for over HTTP is worked on, and its end is told there', async () => {
  await d.start('scheduler');
  await d.start('worker');
  const dashboard = await d.start('dashboard');
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(dashboard.output())?.[0] ?? '';
  const signedIn = await fetch(`${url}/sign-in`, {
    method: 'POST',
    body: new URLSearchParams({ name: 'ops', password: 'a long enough password' }),
    redirect: 'manual',
  });
  const headers = {
    Cookie: (signedIn.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '',
    'Content-Type': 'application/json',
  };
  const call = async <T>(path: string, body?: object): Promise<T> => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      headers,
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    return (await answer.json()) as T;
  };
  const completed = (run: number) =>
    until(`run ${run} completes`, async () => {
      const view = await call<Run>(`/runs/${run}`);
      return view.state === 'completed' && view;
    });

  // An index without anything live is built at once; whichever came first, what is asked for now is told of a run.
  const [first] = await until('a run', async () => {
    const { runs } = await call<{ runs: Run[] }>('/runs?index=books');
    if (runs.length === 0) await call('/runs', { index: 'books', lane: 'rebuild' });
    return runs.length > 0 && runs;
  });
  await completed(first?.run ?? 0);

  // The refreshes that it left owed would mend what is changed next, before the verify sees it.
  await until('nothing is owed', async () => {
    const index = await call<{ owedRefreshes: number; openRuns: unknown[] }>('/indexes/books');
    return index.owedRefreshes === 0 && index.openRuns.length === 0;
  });

  await d.db.query(`delete from book where id = 7; update book set title = 'changed' where id = 400`);
  const verify = await until('no other run is in the way', async () => {
    const answer = await call<{ runs?: Run[]; refusals?: unknown[] }>('/runs', { index: 'books', lane: 'verify' });
    return answer.runs?.length === 2 && answer.refusals?.length === 0 && answer.runs;
  });
  const ends = await Promise.all(verify.map(({ run }) => completed(run)));
  expect(ends).toMatchObject([
    { shard: 0, differences: { missing: 0, extra: 1, stale: 0 } },
    { shard: 1, differences: { missing: 0, extra: 0, stale: 1 } },
  ]);
  const page = await fetch(url, { headers: { ...headers, Accept: 'text/html' } });
  expect(await page.text()).toContain('1 extra, 1 stale');
});

it('resume --ticks resumes the queue that every schedule fires into', async () => {
  expect((await d.reindeer(['migrate'])).code).toBe(0);
  const queue = await openTaskQueue({ url: d.queueUrl, prefix: d.prefix, onError: () => {} });
  try {
    await queue.boardQueues([])[0]?.queue.pause();
    expect((await d.reindeer(['status'])).stdout).toContain('reindeer resume --ticks');
    const resumed = await d.reindeer(['resume', '--ticks', '--json']);
    expect([resumed.code, lastJson(resumed)]).toEqual([0, { ticks: true, released: 1 }]);
    expect(await queue.ticksPaused()).toBe(false);
    expect((await d.reindeer(['status'])).stdout).not.toContain('--ticks');
    const again = await d.reindeer(['resume', '--ticks']);
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('was not paused')]);
    const both = await d.reindeer(['resume', 'books', '--ticks']);
    expect([both.code, both.stderr]).toEqual([2, expect.stringContaining('--ticks goes alone')]);
    const { rows } = await d.db.query(`select action, target from reindeer.audit`);
    expect(rows).toEqual([{ action: 'resume', target: 'the queue of ticks' }]);
  } finally {
    await queue.close();
  }
});
