import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Backend, type Deployment, deploy, lastJson } from '../support/deployment.ts';
import { gated, rowGate } from '../support/rowGate.ts';
import { hasRedis } from '../support/servers.ts';
import { until } from '../support/until.ts';

interface Run {
  run: number;
  state: string;
  reason: string | null;
  generation: string;
  caughtUp: boolean;
  documents: Record<string, number>;
  slices: Record<string, number>;
  progress: number;
}

const backends: Backend[] = hasRedis ? ['redis', 'postgres'] : ['postgres'];

describe.each(backends)('a rebuild, as a user drives it, with the queue on %s', (backend) => {
  let d: Deployment;

  beforeEach(async () => {
    d = await deploy(`rebuild_${backend}`, backend);
  });
  afterEach(() => d.close());

  it('makes a table searchable, keeps the generation before, and drops older ones', async () => {
    await d.db.query(`create table book (id bigint primary key, title text not null, pages int)`);
    await d.db.query(`insert into book select n, 'Volume ' || n, n % 700 from generate_series(1, 5000) n`);
    await d.configure(`{ books: { source: { connection: 'db', table: 'public.book', key: ['id'] }, sink: { connection: 'db' },
      rebuild: { slices: 8 }, shards: 2 } }`);
    await d.start('scheduler');
    await d.start('worker');

    const names: string[] = [];
    // Nothing is live, so the scheduler has started the first one by itself.
    names.push((await runEnded(d, 1)).generation);
    for (let round = 0; round < 2; round += 1) {
      const result = await d.reindeer(['run', 'books', '--wait', '--json']);
      expect(result.code, result.stderr).toBe(0);
      const run = lastJson<Run>(result);
      expect(run).toMatchObject({ state: 'completed', reason: null, caughtUp: false, progress: 1 });
      expect(run.documents).toMatchObject({ read: 5000, written: 5000, failed: 0, expected: 5000 });
      expect(run.slices).toMatchObject({ total: 8, completed: 8, failed: 0 });
      names.push(run.generation);
    }
    const { rows } = await d.db.query(`select count(*)::int as n, min(body->>'title') as first from books`);
    expect(rows).toEqual([{ n: 5000, first: 'Volume 1' }]);
    const tables = await d.db.query<{ name: string }>(
      `select relname as name from pg_class where relkind = 'r' and relname like 'books\\_g%' order by 1`,
    );
    expect(tables.rows.map((row) => row.name)).toEqual(names.slice(1));

    const status = await d.reindeer(['status', 'books', '--json']);
    expect(status.code).toBe(0);
    expect(status.stdout).toContain(names[2]);
    const wrong = await d.reindeer(['run', 'bokos', '--wait']);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('bokos');
  });

  it('carries on after kill -9 of the worker in the middle, and the index is the table', async () => {
    await d.db.query(`create table item (id bigint primary key, name text not null)`);
    await d.db.query(`insert into item select n::bigint * 1000003, 'item ' || n from generate_series(1, 60000) n`);
    await d.configure(
      `{ items: { source: { connection: 'db', table: 'public.item', key: ['id'] }, sink: { connection: 'db' },
        transform: ${gated('row.id > 30000 * 1000003')}, rebuild: { slices: 12 } } }`,
      `worker: { concurrency: 2, lease: '2s', batch: { maxDocuments: 200 } },`,
    );
    const gate = rowGate(d.directory);
    gate.shut();
    await d.start('scheduler');
    const first = await d.start('worker', gate.env);
    await until('some slices have progress', async () => {
      const { rows } = await d.db.query(`select coalesce(sum(read), 0)::int as n from reindeer.tasks where run = 1`);
      return rows[0].n > 2_000;
    });
    await first.kill();
    gate.open();
    await d.start('worker', gate.env);
    const run = await runEnded(d, 1);
    expect(run).toMatchObject({ state: 'completed', documents: { read: 60000, written: 60000 } });
    const { rows } = await d.db.query(
      `select (select count(*)::int from items) as indexed,
              (select count(*)::int from item t full join items i on i.id = t.id::text
                where t.id is null or i.id is null or i.body->>'name' <> t.name) as wrong`,
    );
    expect(rows).toEqual([{ indexed: 60000, wrong: 0 }]);
  });
});

/** The run as `show` gives it, once it has ended. */
async function runEnded(d: Deployment, run: number): Promise<Run> {
  await until(`run ${run} to end`, async () => {
    const { rows } = await d.db.query(`select 1 from reindeer.runs where run = $1 and finished_at is not null`, [run]);
    return rows.length > 0;
  });
  return lastJson<Run>(await d.reindeer(['show', String(run), '--json']));
}
