import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Deployment, deploy } from '../../support/deployment.ts';
import { docsTable } from '../../support/docsTable.ts';
import { reservedPort } from '../../support/reservedPort.ts';
import { type Scrape, scrape } from '../../support/scrape.ts';
import { until } from '../../support/until.ts';

const APPS = ['scheduler', 'worker', 'dashboard'] as const;
const HEADERS = { Authorization: 'Bearer a-metrics-token' };
/** Nothing of the kind happens while this test looks; each is proved where it does. */
const QUIET = new Set([
  'reindeer_slices',
  'reindeer_refresh_owed_seconds',
  'reindeer_throttle_seconds_total',
  'reindeer_sweep_errors_total',
  'reindeer_ticks_total',
]);

let d: Deployment;
const urls = new Map<string, string>();
const scrapes = new Map<string, Scrape>();

beforeAll(async () => {
  d = await deploy('metrics', 'postgres');
  await d.db.query(`create table book (id bigint primary key, title text)`);
  await d.db.query(`insert into book select n, 'book ' || n from generate_series(1, 300) n`);
  const books = `{ source: { connection: 'db', table: 'public.book', key: ['id'] }, sink: { connection: 'db' }, shards: 2,
    incremental: { every: '1s' }, rebuild: { every: '1d' } }`;
  for (const app of APPS) {
    const port = await reservedPort();
    urls.set(app, `http://127.0.0.1:${port}`);
    const dashboard = `dashboard: { port: ${port}, metricsToken: 'a-metrics-token' }`;
    await d.configure(`{ books: ${books} }`, `telemetry: { host: '127.0.0.1', port: ${port} }, ${dashboard}`);
    await d.start(app);
  }
  const look = async () => {
    for (const app of APPS) scrapes.set(app, await scrape(`${urls.get(app)}/metrics`, HEADERS));
    return scrapes.get('scheduler')?.series ?? [];
  };
  await until('the run that began at start is counted, and the feed has passed', async () => {
    const series = await look();
    return (
      series.some(({ name, value }) => name === 'reindeer_runs_total' && value > 0) &&
      series.some(({ name }) => name === 'reindeer_lag_seconds')
    );
  });
  expect(await d.reindeer(['pause', 'books'])).toMatchObject({ code: 0 });
  await until('the hold is seen', async () => (await look()).some(({ name }) => name === 'reindeer_hold_seconds'));
});
afterAll(() => d.close());

const rows = await docsTable('metrics.md', 'Metrics');
const listed = (cell: string | undefined) =>
  (cell ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');

describe.each(APPS)('the metrics of the %s', (app) => {
  it('are those that docs/metrics.md lists, with its types and words', () => {
    const types = [...(scrapes.get(app)?.types ?? [])].filter(([name]) => name.startsWith('reindeer_'));
    const documented = rows.map(({ metric = '', type, meaning }) => [
      metric.replaceAll('`', ''),
      { type, help: meaning },
    ]);
    expect(Object.fromEntries(types)).toEqual(Object.fromEntries(documented));
  });

  it('have series where it says so, nowhere else, and with its labels', () => {
    const { series } = scrapes.get(app) ?? { series: [] };
    for (const { metric = '', on, labels } of rows) {
      const name = metric.replaceAll('`', '');
      const those = series.filter((one) => one.name.replace(/_(bucket|sum|count)$/, '') === name);
      const expected = listed(on).includes(app) && !(QUIET.has(name) && those.length === 0);
      expect.soft(those.length > 0, `${name} on ${app}`).toBe(expected);
      for (const one of those) {
        const { le: _, app: of, ...own } = one.labels;
        expect.soft(of).toBe(app);
        expect.soft(Object.keys(own).sort(), name).toEqual(listed(labels).sort());
      }
    }
  });
});

it('tell what is so', async () => {
  const value = (app: string, name: string, labels: Readonly<Record<string, string>> = {}) =>
    scrapes
      .get(app)
      ?.series.find(
        (one) => one.name === `reindeer_${name}` && Object.entries(labels).every(([key, is]) => one.labels[key] === is),
      )?.value;
  expect(value('worker', 'documents_total', { index: 'books', lane: 'rebuild', outcome: 'written' })).toBe(300);
  expect(value('worker', 'bytes_total')).toBeGreaterThan(300);
  expect(value('scheduler', 'runs_total', { state: 'completed', reason: '' })).toBeGreaterThan(0);
  expect(value('scheduler', 'leader')).toBe(1);
  for (const app of ['scheduler', 'dashboard']) {
    expect(value(app, 'workers')).toBe(1);
    expect(value(app, 'freshness_target_seconds', { index: 'books' })).toBe(86_400);
    expect(value(app, 'freshness_seconds', { index: 'books' })).toBeLessThan(600);
    expect(value(app, 'failed_runs', { index: 'books', lane: 'rebuild' })).toBe(0);
    expect(value(app, 'failed_runs', { index: 'books', lane: 'incremental' })).toBe(0);
    expect(value(app, 'lag_seconds', { index: 'books' })).toBeLessThan(600);
    expect(value(app, 'lag_target_seconds', { index: 'books' })).toBe(11);
    expect(value(app, 'requested_keys', { index: 'books' })).toBe(0);
    expect(value(app, 'queue_jobs', { queue: 'ticks', state: 'delayed' })).toBeGreaterThan(0);
  }
  for (const app of ['scheduler', 'dashboard']) {
    const { series } = await scrape(`${urls.get(app)}/metrics?shards=1`, HEADERS);
    const shards = series.filter(({ name }) => name === 'reindeer_freshness_seconds');
    expect(shards.map(({ labels }) => `${labels.index} ${labels.shard}`)).toEqual(['books 0', 'books 1']);
  }
});
