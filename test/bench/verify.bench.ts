import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { describe, expect, it } from 'vitest';
import { searchClient } from '../integration/connectors/searchClient.ts';
import { type Deployment, deploy, lastJson } from '../support/deployment.ts';
import { openSearchUrl } from '../support/openSearch.ts';
import { hasRedis } from '../support/servers.ts';
import { until } from '../support/until.ts';

/** Refresh and verify against the rebuild of the same index, in one run: one worker, on the same machine. */
const ROWS = Number(process.env.REINDEER_BENCH_ROWS ?? 1_000_000);
const SHARDS = 4;
const LIMIT_MS = 1_800_000;

const url = await openSearchUrl(3);
const SINKS = [
  { name: 'PostgreSQL', kind: 'postgres', url: null },
  { name: 'OpenSearch', kind: 'opensearch', url },
] as const;

interface Verified {
  readonly documents: Readonly<Record<string, number>>;
  readonly differences: Readonly<Record<string, number>>;
  readonly examples: readonly { readonly kind: string; readonly document: string }[];
}

describe.each(SINKS)('$name', ({ name, kind, url: searchUrl }) => {
  it.skipIf(kind === 'opensearch' && searchUrl === null)(
    `verifies and refreshes ${ROWS} documents`,
    async () => {
      const index = `bench_${randomBytes(4).toString('hex')}`;
      const d = await deploy('bench', hasRedis ? 'redis' : 'postgres');
      const search = searchUrl === null ? null : searchClient(searchUrl);
      try {
        await d.db.query(`create table book (id bigint primary key, title text, about text)`);
        await d.db.query(
          `insert into book select n, 'book ' || n, repeat('words about book ' || n || ' ', 8) from generate_series(1, ${ROWS}) n`,
        );
        await d.db.query('vacuum analyze book');
        await configure(d, index, kind, searchUrl);
        await d.start('scheduler');
        const worker = await d.start('worker');
        const rebuild = await secondsOf(d, 'rebuild');
        const memory = [await residentMb(worker.process.pid)];
        const figures: [string, number][] = [];
        const timed = async (what: string, ...args: string[]) => {
          const verified = lastJson<Verified>(await d.reindeer([...args, '--json']));
          figures.push([what, await secondsOf(d, args.includes('refresh') ? 'refresh' : 'verify')]);
          return verified;
        };
        // The one that the rebuild left owed.
        figures.push(['refresh, unchanged', await secondsOf(d, 'refresh')]);
        const { rows } = await d.db.query(
          `select sum(unchanged)::int as unchanged, sum(written + orphans + failed)::int as touched
             from reindeer.tasks t join reindeer.runs r using (run) where r.lane = 'refresh'`,
        );
        expect(rows[0]).toEqual({ unchanged: ROWS, touched: 0 });
        expect(await timed('verify, equal', 'verify', index)).toMatchObject({
          documents: { read: ROWS, unchanged: ROWS },
          differences: { missing: 0, extra: 0, stale: 0 },
        });
        memory.push(await residentMb(worker.process.pid));

        const { rows: live } = await d.db.query(`select name from reindeer.generations where state = 'live'`);
        const ten = (from: number) => Array.from({ length: 10 }, (_, at) => String(from + at * 1_009));
        const changed = { missing: ten(7), extra: ten(11), stale: ten(13) };
        if (search === null) await d.db.query(`delete from ${live[0]?.name} where id = any ($1)`, [changed.missing]);
        else {
          const lines = changed.missing.map((_id) => `${JSON.stringify({ delete: { _id } })}\n`);
          await search('POST', `${live[0]?.name}/_bulk`, lines.join(''));
        }
        await d.db.query(`delete from book where id = any ($1)`, [changed.extra]);
        await d.db.query(`update book set title = 'changed' where id = any ($1)`, [changed.stale]);
        const found = await timed('verify, 10 missing, 10 extra, 10 stale', 'verify', index);
        for (const [difference, ids] of Object.entries(changed)) {
          const named = found.examples.filter((example) => example.kind === difference);
          expect(named.map(({ document }) => document).toSorted()).toEqual(ids.toSorted());
        }
        expect(found.differences).toEqual({ missing: 10, extra: 10, stale: 10 });
        const mended = await timed('refresh, of these 30', 'run', index, 'refresh', '--wait');
        expect(mended.documents).toMatchObject({ written: 20, orphans: 10, unchanged: ROWS - 30 });

        await editBodies(d, search, live[0]?.name, ten(17));
        const deep = await timed('verify --deep, 10 bodies edited', 'verify', index, '--deep');
        expect(deep.differences).toEqual({ missing: 0, extra: 0, stale: 10 });
        expect(deep.examples.map(({ document }) => document).toSorted()).toEqual(ten(17).toSorted());
        memory.push(await residentMb(worker.process.pid));

        const of = (seconds: number) => `${seconds.toFixed(1).padStart(6)} s  ${(seconds / rebuild).toFixed(3)}`;
        const cpu = `${os.cpus().length} cores (${os.cpus()[0]?.model}), ${Math.round(os.totalmem() / 2 ** 30)} GiB, load ${os.loadavg()[0]?.toFixed(1)}`;
        process.stdout.write(
          `\n${name}, ${ROWS} documents, ${SHARDS} shards, 1 worker; ${cpu}\n  ${'rebuild'.padEnd(40)} ${of(rebuild)}\n` +
            figures.map(([what, seconds]) => `  ${what.padEnd(40)} ${of(seconds)}\n`).join('') +
            `  worker's memory, MB, after rebuild, verify and deep verify: ${memory.join(', ')}\n\n`,
        );
        const seconds = new Map(figures);
        expect((seconds.get('verify, equal') ?? rebuild) / rebuild).toBeLessThanOrEqual(1 / 4);
        expect((seconds.get('refresh, unchanged') ?? rebuild) / rebuild).toBeLessThanOrEqual(1 / 3);
      } finally {
        await d.close();
        if (search !== null) await search('DELETE', `${index},${index}_g*`);
      }
    },
    LIMIT_MS,
  );
});

async function configure(d: Deployment, index: string, kind: string, searchUrl: string | null): Promise<void> {
  const connections = `db: { kind: 'postgres', url: ${JSON.stringify(d.databaseUrl)} }${searchUrl === null ? '' : `, search: { kind: 'opensearch', url: ${JSON.stringify(searchUrl)} }`}`;
  const sink =
    kind === 'postgres'
      ? `{ connection: 'db' }`
      : `{ connection: 'search', mappings: { dynamic: false, properties: { title: { type: 'text' }, about: { type: 'text' } } }, settings: { number_of_replicas: 0 } }`;
  await d.configure(
    `{ ${index}: { source: { connection: 'db', table: 'public.book', key: ['id'] }, sink: ${sink}, shards: ${SHARDS} } }`,
    `connections: { ${connections} },`,
  );
}

/** By somebody who leaves no trace: version and stamp stay as they are. */
async function editBodies(
  d: Deployment,
  search: ReturnType<typeof searchClient> | null,
  name: string,
  ids: readonly string[],
): Promise<void> {
  if (search === null) {
    await d.db.query(`update ${name} set body = body || '{"title":"edited"}' where id = any ($1)`, [ids]);
    return;
  }
  for (const id of ids) {
    const { _version, _source } = await search('GET', `${name}/_doc/${id}`);
    const kept = `version=${_version}&version_type=external_gte&refresh=true`;
    await search('PUT', `${name}/_doc/${id}?${kept}`, { ..._source, title: 'edited' });
  }
}

/** From the first start to the last end of the lane's latest runs, which are all of one request. */
async function secondsOf(d: Deployment, lane: string): Promise<number> {
  return until(
    lane,
    async () => {
      const { rows } = await d.db.query<{ runs: number; done: number; failed: number; seconds: number }>(
        `select count(*)::int as runs, count(*) filter (where status = 'completed')::int as done,
                count(*) filter (where status = 'failed')::int as failed,
                extract(epoch from max(finished_at) - min(started_at))::float8 as seconds
           from (select * from reindeer.runs where lane = $1 order by run desc limit $2) r`,
        [lane, lane === 'rebuild' ? 1 : SHARDS],
      );
      const [seen] = rows;
      if ((seen?.failed ?? 0) > 0) throw new Error(`A ${lane} failed.`);
      return seen?.done === (lane === 'rebuild' ? 1 : SHARDS) ? seen.seconds : undefined;
    },
    LIMIT_MS,
  );
}

/** Linux only; 0 elsewhere. */
async function residentMb(pid: number | undefined): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(text)?.[1] ?? 0) / 1024);
}
