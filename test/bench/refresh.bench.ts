import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { searchClient } from '../integration/connectors/searchClient.ts';
import { type Deployment, deploy } from '../support/deployment.ts';
import { openSearchUrl } from '../support/openSearch.ts';
import { hasRedis } from '../support/servers.ts';
import { until } from '../support/until.ts';

/** A refresh that finds nothing to do, against the rebuild of the same index: one worker, on the same machine. */
const ROWS = 300_000;
const SHARDS = 4;

const url = await openSearchUrl(3);
const SINKS = [
  { name: 'PostgreSQL', kind: 'postgres', url: null },
  { name: 'OpenSearch', kind: 'opensearch', url },
] as const;

describe.each(SINKS)('$name', ({ name, kind, url: searchUrl }) => {
  it.skipIf(kind === 'opensearch' && searchUrl === null)(
    `compares ${ROWS} unchanged documents`,
    async () => {
      const index = `bench_${randomBytes(4).toString('hex')}`;
      const d = await deploy('bench', hasRedis ? 'redis' : 'postgres');
      try {
        await d.db.query(`create table book (id bigint primary key, title text, about text)`);
        await d.db.query(
          `insert into book select n, 'book ' || n, repeat('words about book ' || n || ' ', 8) from generate_series(1, ${ROWS}) n`,
        );
        await d.db.query('analyze book');
        const connections = `db: { kind: 'postgres', url: ${JSON.stringify(d.databaseUrl)} }${searchUrl === null ? '' : `, search: { kind: 'opensearch', url: ${JSON.stringify(searchUrl)} }`}`;
        const sink =
          kind === 'postgres'
            ? `{ connection: 'db' }`
            : `{ connection: 'search', mappings: { dynamic: false, properties: { title: { type: 'text' }, about: { type: 'text' } } }, settings: { number_of_replicas: 0 } }`;
        await d.configure(
          `{ ${index}: { source: { connection: 'db', table: 'public.book', key: ['id'] }, sink: ${sink}, shards: ${SHARDS} } }`,
          `connections: { ${connections} },`,
        );
        await d.start('scheduler');
        const worker = await d.start('worker');
        const rebuild = await secondsOf(d, 'rebuild', 1);
        const before = await residentMb(worker.process.pid);
        const refresh = await secondsOf(d, 'refresh', SHARDS);
        const after = await residentMb(worker.process.pid);
        const { rows } = await d.db.query(
          `select sum(unchanged)::int as unchanged, sum(written + orphans + failed)::int as touched
             from reindeer.tasks t join reindeer.runs r using (run) where r.lane = 'refresh'`,
        );
        expect(rows[0]).toEqual({ unchanged: ROWS, touched: 0 });
        process.stdout.write(
          `\n${name}, ${ROWS} documents, ${SHARDS} shards, 1 worker\n` +
            `  rebuild            ${rebuild.toFixed(1)} s\n  refresh, unchanged ${refresh.toFixed(1)} s\n` +
            `  ratio              ${(refresh / rebuild).toFixed(2)}\n  worker's memory    ${before} MB after the rebuild, ${after} MB after the refresh\n\n`,
        );
      } finally {
        await d.close();
        if (searchUrl !== null) await searchClient(searchUrl)('DELETE', `${index},${index}_g*`);
      }
    },
    600_000,
  );
});

/** From the first start of the lane's runs to the last end. */
async function secondsOf(d: Deployment, lane: string, runs: number): Promise<number> {
  return until(
    lane,
    async () => {
      const { rows } = await d.db.query<{ done: number; failed: number; seconds: number }>(
        `select count(*) filter (where status = 'completed')::int as done, count(*) filter (where status = 'failed')::int as failed,
                extract(epoch from max(finished_at) - min(started_at))::float8 as seconds from reindeer.runs where lane = $1`,
        [lane],
      );
      if ((rows[0]?.failed ?? 0) > 0) throw new Error(`A ${lane} failed.`);
      return rows[0]?.done === runs ? rows[0].seconds : undefined;
    },
    500_000,
  );
}

/** Linux only; 0 elsewhere. */
async function residentMb(pid: number | undefined): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(text)?.[1] ?? 0) / 1024);
}
