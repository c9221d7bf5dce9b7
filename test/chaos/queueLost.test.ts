import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Deployment, deploy, lastJson, type Running } from '../support/deployment.ts';
import { type PrivateRedis, startPrivateRedis } from '../support/privateRedis.ts';
import { gated, type RowGate, rowGate } from '../support/rowGate.ts';
import { describeRedis } from '../support/servers.ts';
import { until } from '../support/until.ts';

/** In each slice some row waits at the gate: whichever come first, none of them ends before it is opened. */
const INDEX = `{ items: { source: { connection: 'db', table: 'public.item', key: ['id'] }, sink: { connection: 'db' },
  transform: ${gated('row.id % 1000 === 0')}, rebuild: { slices: 20, every: '1h' } } }`;

describeRedis('a queue that loses its data in the middle of a rebuild (I7)', () => {
  let redis: PrivateRedis;
  let d: Deployment;
  let gate: RowGate;
  let worker: Running;
  beforeEach(async () => {
    redis = await startPrivateRedis();
    d = await deploy('queuelost', 'redis', redis.url);
    gate = rowGate(d.directory);
    gate.shut();
    await d.db.query(`create table item (id bigint primary key, name text not null)`);
    await d.db.query(`insert into item select n, 'item ' || n from generate_series(1, 60000) n`);
    await d.configure(INDEX, `worker: { concurrency: 2, lease: '3s', batch: { maxDocuments: 100, inFlight: 1 } },`);
  });
  afterEach(async () => {
    await d.close();
    await redis.stop();
  });

  async function runInTheMiddle(): Promise<number> {
    await d.start('scheduler');
    worker = await d.start('worker', gate.env);
    return until('a run in the middle', async () => {
      const { rows } = await d.db.query<{ run: number; read: number }>(
        `select r.run::int, sum(t.read)::int as read from reindeer.runs r join reindeer.tasks t using (run)
          where r.status = 'running' and t.kind = 'slice' group by 1`,
      );
      const [row] = rows;
      return row !== undefined && row.read > 1_000 ? row.run : false;
    });
  }

  async function expectWhole(run: number): Promise<void> {
    const ended = await until('the run to end', async () => {
      const { rows } = await d.db.query(
        `select status, error from reindeer.runs where run = $1 and finished_at is not null`,
        [run],
      );
      return rows[0] ?? false;
    });
    expect(ended).toEqual({ status: 'completed', error: null });
    const { rows } = await d.db.query(`select count(*)::int as n from items`);
    expect(rows).toEqual([{ n: 60_000 }]);
  }

  it('completes it after FLUSHALL, and the schedule is back', async () => {
    const run = await runInTheMiddle();
    await redis.command('FLUSHALL');
    gate.open();
    await expectWhole(run);
    await until(
      'the schedule to be back',
      async () =>
        Number(await redis.command(`EXISTS ${d.prefix}:ticks:repeat`)) === 1 ||
        (await redis.command('KEYS *ticks:repeat*')) !== '*0',
    );
  });

  it('completes it after kill -9 of Redis and of every worker', async () => {
    const run = await runInTheMiddle();
    await redis.kill();
    await worker.kill();
    const [{ n: before }] = (
      await d.db.query<{ n: number }>(`select sum(read)::int as n from reindeer.tasks where run = $1`, [run])
    ).rows as [{ n: number }];
    expect(before).toBeLessThan(60_000);
    gate.open();
    await redis.start();
    await d.start('worker', gate.env);
    await expectWhole(run);
  });
});

describe('a worker that is told to stop', () => {
  let d: Deployment;
  beforeEach(async () => {
    d = await deploy('drain', 'postgres');
    await d.db.query(`create table item (id bigint primary key, name text not null)`);
    await d.db.query(`insert into item select n, 'item ' || n from generate_series(1, 20000) n`);
    await d.configure(INDEX, `worker: { concurrency: 2, batch: { maxDocuments: 100, inFlight: 1 } },`);
  });
  afterEach(() => d.close());

  it('hands its slices back within its bound, as no failed attempt, and another goes on where it was', async () => {
    const gate = rowGate(d.directory);
    gate.shut();
    await d.start('scheduler');
    const first = await d.start('worker', gate.env);
    await until('some progress', async () => {
      const { rows } = await d.db.query(`select coalesce(sum(read), 0)::int as n from reindeer.tasks`);
      return rows[0].n > 1_000;
    });
    const stopped = first.stop();
    gate.open();
    // One that does not keep to its bound ends with 1.
    expect(await stopped).toBe(0);
    const { rows } = await d.db.query(
      `select count(*) filter (where status = 'running')::int as running, sum(attempts)::int as attempts from reindeer.tasks`,
    );
    expect(rows).toEqual([{ running: 0, attempts: 0 }]);
    await d.start('worker');
    await until('the run to end', async () => {
      const { rows } = await d.db.query(`select 1 from reindeer.runs where finished_at is not null`);
      return rows.length > 0;
    });
    const run = lastJson(await d.reindeer(['show', '1', '--json']));
    expect(run).toMatchObject({ state: 'completed', documents: { read: 20_000, written: 20_000 } });
  });
});
