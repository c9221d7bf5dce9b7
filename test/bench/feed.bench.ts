import os from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { searchClient } from '../integration/connectors/searchClient.ts';
import { type Deployment, deploy } from '../support/deployment.ts';
import { openSearchUrl } from '../support/openSearch.ts';
import { type FreshDatabase, freshDatabase, freshPrefix, hasRedis } from '../support/servers.ts';
import { until } from '../support/until.ts';

/**
 * The feed of one index, in a worker process: how long after a commit its rows are in the sink, how fast it catches up
 * with a backlog, and what it costs while nothing changes. Source, ledger and sink have a database each, on one server.
 */
const ROWS = Number(process.env.REINDEER_BENCH_ROWS ?? 300_000);
const SECONDS = Number(process.env.REINDEER_BENCH_SECONDS ?? 60);
const RATE = Number(process.env.REINDEER_BENCH_RATE ?? 1_000);
const IDLE_SECONDS = 20;
const ROWS_PER_COMMIT = 10;
const LIMIT_MS = 1_800_000;

const searchUrl = await openSearchUrl(3);
const SINKS = [
  { name: 'PostgreSQL', sink: 'postgres', joined: false },
  { name: 'PostgreSQL, documents of two tables', sink: 'postgres', joined: true },
  { name: 'OpenSearch', sink: 'opensearch', joined: false },
] as const;
/** Rows of the second table; each is a part of as many documents as the others. */
const SHELVES = 100;

describe.each(SINKS)('$name', ({ name, sink, joined }) => {
  it.skipIf(sink === 'opensearch' && searchUrl === null)(
    `follows ${RATE} changes a second`,
    async () => {
      const index = freshPrefix('bench').replaceAll('-', '_');
      const d = await deploy('feed', hasRedis ? 'redis' : 'postgres');
      const databases = [await freshDatabase('feed_source'), await freshDatabase('feed_sink')] as const;
      const source = new pg.Client({ connectionString: databases[0].url });
      const target = new pg.Client({ connectionString: databases[1].url });
      const lines: string[] = [];
      try {
        await Promise.all([source.connect(), target.connect()]);
        await source.query(`create table book (id bigint primary key, n bigint not null, title text, about text)`);
        await source.query(
          `insert into book select n, 0, 'book ' || n, repeat('words about book ' || n || ' ', 8) from generate_series(1, ${ROWS}) n`,
        );
        await source.query(`create table shelf (id bigint primary key, label text not null)`);
        await source.query(`insert into shelf select n, 'shelf ' || n from generate_series(1, ${SHELVES}) n`);
        await source.query(
          `alter table book add column shelf bigint not null generated always as (id % ${SHELVES} + 1) stored`,
        );
        await source.query('create index on book (shelf)');
        await source.query('vacuum analyze book');
        await configure(d, index, sink, databases, joined);
        expect((await d.reindeer(['migrate', '--source'])).code).toBe(0);
        await d.start('scheduler');
        const worker = await d.start('worker');
        const rebuildSeconds = await rebuilt(d);
        const rebuildRate = ROWS / rebuildSeconds;
        lines.push(`rebuild: ${rebuildSeconds.toFixed(1)} s, ${rebuildRate.toFixed(0)} documents/s`);

        const read = reader(index, sink, target);
        const { lags, achieved } = await lagsOf(source, read);
        lines.push(
          `lag from commit to acknowledged, at ${achieved.toFixed(0)} changes/s for ${SECONDS} s, ${lags.length} looked at every 10 ms: ` +
            `p50 ${percentile(lags, 0.5)} ms, p99 ${percentile(lags, 0.99)} ms, at most ${percentile(lags, 1)} ms`,
        );

        const idle = await transactions(d, databases);
        await d.reindeer(['pause', index, 'incremental']);
        const held = await transactions(d, databases);
        await d.reindeer(['resume', index, 'incremental']);
        lines.push(
          `idle feed, transactions/s on ${Object.entries(idle)
            .map(([where, rate]) => `${where} ${(rate - (held[where] ?? 0)).toFixed(1)}`)
            .join(', ')} (without it ${Object.values(held)
            .map((rate) => rate.toFixed(1))
            .join(', ')})`,
        );

        const before = await feedTask(d);
        await worker.stop();
        for (let from = 1; from <= ROWS; from += 10_000)
          await source.query(`update book set n = n + 1, title = 'again ' || id where id between $1 and $1 + 9999`, [
            from,
          ]);
        const [caughtUp] = await Promise.all([backlog(d, before), d.start('worker')]);
        lines.push(
          `catching up with ${ROWS} changes: ${caughtUp.toFixed(1)} s, ${(ROWS / caughtUp).toFixed(0)} changes/s, ` +
            `${(ROWS / caughtUp / rebuildRate).toFixed(2)} of the rebuild's rate`,
        );
        if (joined) {
          const before = await feedTask(d);
          await source.query(`update shelf set label = label || '!'`);
          const seconds = await takenIn(d, before);
          lines.push(
            `${SHELVES} rows changed that are a part of all ${ROWS} documents: ${seconds.toFixed(1)} s, ${(ROWS / seconds).toFixed(0)} documents/s`,
          );
        }
        const last = await read([1, Math.floor(ROWS / 2), ROWS]);
        expect([...last.values()].every((n) => n > 0)).toBe(true);
        expect(percentile(lags, 0.99)).toBeLessThan(1_000);
      } finally {
        const machine = `${os.cpus().length} cores (${os.cpus()[0]?.model}), load ${os.loadavg()[0]?.toFixed(1)}`;
        process.stdout.write(
          `\n${name}, ${ROWS} documents, 1 worker; ${machine}\n${lines.map((line) => `  ${line}\n`).join('')}\n`,
        );
        await Promise.all([source.end(), target.end()]);
        await d.close();
        for (const database of databases) await database.drop();
        if (sink === 'opensearch') await searchClient(searchUrl ?? '')('DELETE', `${index},${index}_g*`);
      }
    },
    LIMIT_MS,
  );
});

async function configure(
  d: Deployment,
  index: string,
  sink: 'postgres' | 'opensearch',
  [source, target]: readonly [FreshDatabase, FreshDatabase],
  joined: boolean,
): Promise<void> {
  const from = joined
    ? `query: 'select b.*, s.label from book b join shelf s on s.id = b.shelf', dependencies: [
        { table: 'public.book', key: ['id'], keys: 'select $1::bigint' },
        { table: 'public.shelf', key: ['id'], keys: 'select id from book where shelf = $1' }]`
    : `table: 'public.book'`;
  const to =
    sink === 'postgres'
      ? `{ connection: 'target' }`
      : `{ connection: 'search', mappings: { dynamic: false, properties: { title: { type: 'text' }, about: { type: 'text' } } }, settings: { number_of_replicas: 0 } }`;
  await d.configure(
    `{ ${index}: { source: { connection: 'shop', ${from}, key: ['id'], changes: 'log' }, sink: ${to}, shards: 4 } }`,
    `connections: {
      shop: { kind: 'postgres', url: '${source.url}' }, target: { kind: 'postgres', url: '${target.url}' },
      search: { kind: 'opensearch', url: '${searchUrl}' } },
     scheduler: { sweep: '5s' },`,
  );
}

/** Seconds from the first rebuild's start to its end. */
async function rebuilt(d: Deployment): Promise<number> {
  return until(
    'the rebuild',
    async () => {
      const { rows } = await d.db.query<{ status: string; seconds: number }>(
        `select status, extract(epoch from finished_at - started_at)::float8 as seconds from reindeer.runs
          where lane = 'rebuild' and finished_at is not null`,
      );
      if (rows[0] !== undefined && rows[0].status !== 'completed') throw new Error(`The rebuild ${rows[0].status}.`);
      return rows[0]?.seconds;
    },
    LIMIT_MS,
  );
}

/** The numbers that documents carry, of these ids, as soon as they are acknowledged: no search has to see them yet. */
function reader(index: string, sink: 'postgres' | 'opensearch', target: pg.Client) {
  const search = searchClient(searchUrl ?? '');
  return async (ids: readonly number[]): Promise<ReadonlyMap<number, number>> => {
    if (sink === 'postgres') {
      const { rows } = await target.query<{ id: string; n: string }>({
        name: 'read',
        text: `select id, body ->> 'n' as n from ${index} where id = any ($1)`,
        values: [ids.map(String)],
      });
      return new Map(rows.map(({ id, n }) => [Number(id), Number(n)]));
    }
    const { docs } = await search('POST', `${index}/_mget?_source_includes=n`, { ids: ids.map(String) });
    return new Map(
      docs.map((doc: { _id: string; _source?: { n: number } }) => [Number(doc._id), doc._source?.n ?? -1]),
    );
  };
}

/** Writes at the rate, and looks for one row of each commit until it is there. Lags in ms. */
async function lagsOf(source: pg.Client, read: (ids: readonly number[]) => Promise<ReadonlyMap<number, number>>) {
  const waiting = new Map<number, { readonly id: number; readonly at: number }>();
  const lags: number[] = [];
  let writes = true;
  let commits = 0;
  const began = performance.now();
  const writer = (async () => {
    for (; performance.now() - began < SECONDS * 1_000; commits += 1) {
      const n = commits + 1;
      const ids = Array.from({ length: ROWS_PER_COMMIT }, () => 1 + Math.floor(Math.random() * ROWS));
      await source.query({
        name: 'change',
        text: 'update book set n = $1 where id = any ($2)',
        values: [n, ids],
      });
      waiting.set(n, { id: ids[0] ?? 1, at: performance.now() });
      await wait(Math.max(0, began + (n * ROWS_PER_COMMIT * 1_000) / RATE - performance.now()));
    }
  })().finally(() => {
    writes = false;
  });
  const seconds = () => (performance.now() - began) / 1_000;
  let took = SECONDS;
  while (writes || waiting.size > 0) {
    const looked = performance.now();
    if (waiting.size > 0) {
      const asked = [...waiting].slice(0, 2_000);
      const found = await read(asked.map(([, { id }]) => id));
      const now = performance.now();
      for (const [n, { id, at }] of asked) {
        // What came later to the same row is there too.
        if ((found.get(id) ?? -1) < n) continue;
        lags.push(now - at);
        waiting.delete(n);
      }
    }
    if (writes) took = seconds();
    if (seconds() > SECONDS + 600) throw new Error(`${waiting.size} changes were not found.`);
    await wait(Math.max(0, 10 - (performance.now() - looked)));
  }
  await writer;
  return { lags: lags.toSorted((a, b) => a - b), achieved: (commits * ROWS_PER_COMMIT) / took };
}

function percentile(sorted: readonly number[], share: number): number {
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN);
}

/** Transactions a second on each database; a statement by itself is one. */
async function transactions(
  d: Deployment,
  databases: readonly [FreshDatabase, FreshDatabase],
): Promise<Record<string, number>> {
  const names = {
    source: databases[0].name,
    ledger: new URL(d.databaseUrl).pathname.slice(1),
    sink: databases[1].name,
  };
  const count = async () => {
    const { rows } = await d.db.query<{ datname: string; count: string }>(
      `select datname, xact_commit as count from pg_stat_database where datname = any ($1)`,
      [Object.values(names)],
    );
    return new Map(rows.map(({ datname, count: n }) => [datname, Number(n)]));
  };
  // Counts come a second late.
  await wait(3_000);
  const before = await count();
  await wait(IDLE_SECONDS * 1_000);
  const after = await count();
  return Object.fromEntries(
    Object.entries(names).map(([where, one]) => [
      where,
      ((after.get(one) ?? 0) - (before.get(one) ?? 0)) / IDLE_SECONDS,
    ]),
  );
}

interface FeedTask {
  readonly read: number;
  readonly claims: number;
  readonly done: boolean;
}

async function feedTask(d: Deployment): Promise<FeedTask> {
  const { rows } = await d.db.query<FeedTask>(
    `select t.read::int, t.claim_no as claims, t.cursor is null as done
       from reindeer.tasks t join reindeer.runs r using (run)
      where r.lane = 'incremental' and r.finished_at is null and t.kind = 'slice'`,
  );
  if (rows[0] === undefined) throw new Error('There is no feed.');
  return rows[0];
}

/** Seconds from the moment that a worker has the feed to the end of the pass that takes in so many changes. */
async function backlog(d: Deployment, before: FeedTask): Promise<number> {
  await until('a worker has the feed', async () => (await feedTask(d)).claims > before.claims, LIMIT_MS);
  return takenIn(d, before);
}

/** Seconds from now until as many keys as there are documents were taken in. */
async function takenIn(d: Deployment, before: FeedTask): Promise<number> {
  const began = performance.now();
  const isDone = ({ read, done }: FeedTask) => done && read >= before.read + ROWS;
  await until('the backlog is taken in', async () => isDone(await feedTask(d)), LIMIT_MS);
  return (performance.now() - began) / 1_000;
}
