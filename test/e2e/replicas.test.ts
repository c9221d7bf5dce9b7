import { afterEach, describe, expect, it } from 'vitest';
import { type Backend, type Deployment, deploy, type Running } from '../support/deployment.ts';
import { gated, rowGate } from '../support/rowGate.ts';
import { hasRedis } from '../support/servers.ts';
import { until } from '../support/until.ts';

const ROWS = 20_000;
const SLICES = 20;
const backends: Backend[] = hasRedis ? ['redis', 'postgres'] : ['postgres'];

describe.each(backends)('replicas of the worker in the middle of a run, with the queue on %s', (backend) => {
  let d: Deployment;
  afterEach(() => d.close());

  it('one that is added takes slices at once, one that is removed hands back its own without a failed attempt', async () => {
    d = await deploy('replicas', backend);
    // The second half of the rows waits until a process's own gate is opened: so each has slices in hand while one is looked at.
    const gates = { first: rowGate(d.directory, 'first'), second: rowGate(d.directory, 'second') };
    for (const gate of Object.values(gates)) gate.shut();
    await d.db.query('create table book (id bigint primary key, title text)');
    await d.db.query(`insert into book select n, 'book ' || n from generate_series(1, ${ROWS}) n`);
    await d.db.query('analyze book');
    await d.configure(
      `{ books: { source: { connection: 'db', table: 'public.book', key: ['id'] }, sink: { connection: 'db' },
        transform: ${gated(`row.id > ${ROWS / 2}`)}, rebuild: { slices: ${SLICES} } } }`,
      `worker: { concurrency: 2, batch: { maxDocuments: 50 }, batchTimeout: '10m' }`,
    );
    await d.start('scheduler');
    const first = await d.start('worker', gates.first.env);
    await until('a slice is done', async () => {
      const left = await slicesLeft(d);
      return left > 0 && left < SLICES;
    });

    const second = await d.start('worker', gates.second.env);
    await until('the second has slices', async () => (await heldBy(d, second)) > 0);
    expect(await slicesLeft(d)).toBeGreaterThan(4);

    await until('the first has slices', async () => (await heldBy(d, first)) > 0);
    const stopped = first.stop();
    gates.first.open();
    expect(await stopped).toBe(0);
    expect(await heldBy(d, first)).toBe(0);
    expect(await slicesLeft(d)).toBeGreaterThan(0);
    gates.second.open();

    await until('the run has ended', async () => {
      const { rows } = await d.db.query(`select 1 from reindeer.runs where run = 1 and status = 'completed'`);
      return rows.length > 0;
    });
    const { rows } = await d.db.query(
      `select (select max(attempts) from reindeer.tasks where run = 1) as attempts,
              (select count(*)::int from books) as indexed,
              (select sum(read)::int from reindeer.tasks where run = 1 and kind = 'slice') as read`,
    );
    // Nothing was read twice either: what a slice had done when it was handed back stays done.
    expect(rows).toEqual([{ attempts: 0, indexed: ROWS, read: ROWS }]);
  });
});

async function heldBy(d: Deployment, worker: Running): Promise<number> {
  const { rows } = await d.db.query<{ n: number }>(
    `select count(*)::int as n from reindeer.tasks t join reindeer.workers w on w.worker = t.owner
      where t.run = 1 and t.kind = 'slice' and t.status = 'running' and w.pid = $1`,
    [worker.process.pid],
  );
  return rows[0]?.n ?? 0;
}

async function slicesLeft(d: Deployment): Promise<number> {
  const { rows } = await d.db.query<{ n: number }>(
    `select count(*)::int as n from reindeer.tasks where run = 1 and kind = 'slice' and status <> 'completed'`,
  );
  return rows[0]?.n ?? 0;
}
