import { afterAll, beforeAll, expect, it } from 'vitest';
import { delayingProxy } from '../support/delayingProxy.ts';
import { type Deployment, deploy } from '../support/deployment.ts';
import { hasRedis } from '../support/servers.ts';
import type { TcpProxy } from '../support/tcpProxy.ts';
import { until } from '../support/until.ts';

/** What a peer of several must reach: four workers, compared with one. */
const WANTED = 3.7;
const REPLICAS = 4;
const CONCURRENCY = 2;
const BATCHES = 1_200;
const DOCUMENTS_PER_BATCH = 10;
const SLICES = 100;
/** What the sink takes to answer a bulk, whatever else is asked of it: the machine rests meanwhile. */
const BULK_MS = 100;

/** How a bulk is known among the statements to the sink. */
const BULK = 'insert into';

let d: Deployment;
let proxy: TcpProxy;

beforeAll(async () => {
  d = await deploy('scaling', hasRedis ? 'redis' : 'postgres');
  const database = new URL(d.databaseUrl);
  proxy = await delayingProxy({ host: database.hostname, port: Number(database.port) }, BULK, BULK_MS);
  const far = new URL(d.databaseUrl);
  far.hostname = '127.0.0.1';
  far.port = String(proxy.port);
  const rows = BATCHES * DOCUMENTS_PER_BATCH;
  await d.db.query('create table book (id bigint primary key, title text)');
  await d.db.query(`insert into book select n, 'book ' || n from generate_series(1, ${rows}) n`);
  await d.db.query('analyze book');
  const connections = `{ db: { kind: 'postgres', url: ${JSON.stringify(d.databaseUrl)} }, far: { kind: 'postgres', url: ${JSON.stringify(far.href)} } }`;
  const worker = `{ concurrency: ${CONCURRENCY}, batch: { maxDocuments: ${DOCUMENTS_PER_BATCH} } }`;
  await d.configure(
    `{ books: { source: { connection: 'db', table: 'public.book', key: ['id'] }, sink: { connection: 'far' }, rebuild: { slices: ${SLICES} } } }`,
    `connections: ${connections}, worker: ${worker}`,
  );
}, 120_000);
afterAll(async () => {
  await d.close();
  await proxy.close();
});

it(`${REPLICAS} workers finish a run ${WANTED} times as fast as 1`, async () => {
  // The first run starts by itself when the scheduler does.
  await d.start('scheduler');
  // What a rebuild owes would otherwise be refreshed beside the next one.
  expect(await d.reindeer(['pause', 'books', 'refresh'])).toMatchObject({ code: 0 });
  await d.start('worker');
  const alone = await secondsOf(1);
  const others = Array.from({ length: REPLICAS - 1 }, () => d.start('worker'));
  await Promise.all(others);
  expect(await d.reindeer(['run', 'books'])).toMatchObject({ code: 0 });
  const together = await secondsOf(2);
  const ratio = alone / together;
  process.stdout.write(
    `\n${BATCHES} bulks that are answered after ${BULK_MS} ms, ${CONCURRENCY} at once in each worker\n` +
      `  1 worker (peer)  ${alone.toFixed(1)} s\n  ${REPLICAS} workers        ${together.toFixed(1)} s\n  ratio            ${ratio.toFixed(2)} (wanted: ${WANTED})\n\n`,
  );
  expect(ratio).toBeGreaterThanOrEqual(WANTED);
}, 400_000);

/** From the run's start to its end, planning and promotion included. */
async function secondsOf(run: number): Promise<number> {
  return until(
    `run ${run}`,
    async () => {
      const { rows } = await d.db.query<{ status: string; seconds: number }>(
        `select status, extract(epoch from finished_at - started_at)::float8 as seconds
           from reindeer.runs where run = $1 and finished_at is not null`,
        [run],
      );
      const [ended] = rows;
      if (ended !== undefined && ended.status !== 'completed') throw new Error(`run ${run} is ${ended.status}`);
      return ended?.seconds;
    },
    300_000,
  );
}
