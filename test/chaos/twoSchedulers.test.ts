import { openTaskQueue } from '@reindeer/queue';
import { describe, expect, it } from 'vitest';
import { slotOf } from '../../packages/queue/src/names.ts';
import { type Backend, type Deployment, deploy } from '../support/deployment.ts';
import { hasRedis } from '../support/servers.ts';
import { until } from '../support/until.ts';

const backends: Backend[] = hasRedis ? ['redis', 'postgres'] : ['postgres'];
const INDEXES = 8;
const TICKS = 100;
const SHARDS = 8;
const PERIOD_S = 2;
/** Decisions on ticks: not what the start rule began. */
const TICKED = `not exists (select 1 from reindeer.runs r where r.run = d.run and r.trigger = 'start' and d.outcome = 'started')`;

/** Most of the time is waiting for ticks: deployments wait side by side. */
describe.concurrent.each(backends)('two schedulers side by side, with the queue on %s', (backend) => {
  const deployed = (work: (d: Deployment) => Promise<void>) => async () => {
    const d = await deploy(`ticks_${backend}`, backend);
    try {
      await work(d);
    } finally {
      await d.close();
    }
  };

  it(
    `lead ${TICKS} ticks to ${TICKS} decisions, and to no run twice`,
    deployed(async (d) => {
      await d.db.query(`create table thing (id bigint primary key, name text not null)`);
      await d.db.query(`insert into thing select n, 'thing ' || n from generate_series(1, 50) n`);
      const index = `{ source: { connection: 'db', table: 'public.thing', key: ['id'] }, sink: { connection: 'db' }, rebuild: { every: '1s' } }`;
      await d.configure(`{ ${Array.from({ length: INDEXES }, (_, at) => `things${at}: ${index}`).join(', ')} }`);
      const [one, other] = await Promise.all([d.start('scheduler'), d.start('scheduler'), d.start('worker')]);
      await until(`${TICKS} ticks`, async () => {
        const { rows } = await d.db.query(
          `select coalesce(sum(count), 0)::int as n from reindeer.decisions d where ${TICKED}`,
        );
        return rows[0].n >= TICKS;
      });
      // A run whose places overlapped another's: the ledger's key forbids it, and this looks all the same.
      const { rows: overlapping } = await d.db.query(
        `select a.run, b.run from reindeer.runs a join reindeer.runs b on a.index = b.index and a.lane = b.lane and a.run < b.run
        where tstzrange(a.created_at, coalesce(a.finished_at, now())) && tstzrange(b.created_at, coalesce(b.finished_at, now()))`,
      );
      expect(overlapping).toEqual([]);
      const { rows: doubled } = await d.db.query(
        `select index, slot, count(*) from reindeer.runs where slot is not null group by 1, 2 having count(*) > 1`,
      );
      expect(doubled).toEqual([]);
      await Promise.all([one.stop(), other.stop()]);
      const decided = await expectDecided(d, 'index', TICKED);
      expect(decided).toHaveLength(INDEXES);
    }),
  );

  it(
    `lead ${TICKS} ticks of ${SHARDS} shards to ${TICKS} decisions, spread over the period`,
    deployed(async (d) => {
      await d.db.query(`create table thing (id bigint primary key, name text not null)`);
      await d.db.query(`insert into thing select n, 'thing ' || n from generate_series(1, 400) n`);
      await d.configure(`{ things: { source: { connection: 'db', table: 'public.thing', key: ['id'] }, sink: { connection: 'db' },
      shards: ${SHARDS}, refresh: { every: '${PERIOD_S}s' } } }`);
      const [one, other] = await Promise.all([d.start('scheduler'), d.start('scheduler'), d.start('worker')]);
      const ticked = `lane = 'refresh'`;
      await until(`${TICKS} ticks`, async () => {
        const { rows } = await d.db.query(
          `select coalesce(sum(count), 0)::int as n from reindeer.decisions d where ${ticked}`,
        );
        return rows[0].n >= TICKS;
      });
      await Promise.all([one.stop(), other.stop()]);
      const decided = await expectDecided(d, 'shard', ticked);
      expect(decided.map(({ what }) => what)).toEqual(Array.from({ length: SHARDS }, (_, at) => String(at)));
      const offsets = decided.map(({ first }) => first % (PERIOD_S * 1000)).sort((a, b) => a - b);
      const gaps = offsets.map((offset, at) => (offsets[at + 1] ?? (offsets[0] ?? 0) + PERIOD_S * 1000) - offset);
      expect(gaps).toEqual(gaps.map(() => (PERIOD_S * 1000) / SHARDS));
      const { rows: doubled } = await d.db.query(
        `select lane, shard, slot, count(*) from reindeer.runs where slot is not null group by 1, 2, 3 having count(*) > 1`,
      );
      expect(doubled).toEqual([]);
    }),
  );
});

/**
 * Every tick that fired has its one decision. Ticks of moments at which no scheduler came to take them are one: how many
 * fired is known to the queue alone, which keeps the last 1,000. Both schedulers have stopped, and given back what they had
 * not decided.
 */
async function expectDecided(
  d: Deployment,
  by: 'index' | 'shard',
  where: string,
): Promise<readonly { what: string; first: number }[]> {
  const { rows } = await d.db.query<{ what: string; decided: number; first: number; last: number }>(
    `select ${by}::text as what, sum(count)::int as decided, min(first_slot)::float8 as first, max(last_slot)::float8 as last
       from reindeer.decisions d where ${where} group by 1 order by 1`,
  );
  const queue = await openTaskQueue({ url: d.queueUrl, prefix: d.prefix, onError: () => {} });
  try {
    const jobs = (await queue.boardQueues([])[0]?.queue.getJobs(['completed', 'failed'])) ?? [];
    expect(jobs.length).toBeLessThan(1_000);
    for (const { what, decided, first, last } of rows) {
      const fired = jobs
        .filter(({ data }) => String(data[by]) === what)
        .map(({ id, processedOn = 0, finishedOn = Infinity }) => ({ slot: slotOf(id) ?? 0, processedOn, finishedOn }))
        .filter(({ slot }) => slot >= first && slot <= last);
      // One that is decided after a later one, by the other scheduler, is taken for one that came twice.
      const overtaken = fired.filter((tick) =>
        fired.some(({ slot, processedOn }) => slot > tick.slot && processedOn < tick.finishedOn),
      );
      const seen = `${decided} decisions of ${by} ${what}, from ${first} to ${last}, for ${JSON.stringify(fired)}`;
      expect(decided, seen).toBeLessThanOrEqual(fired.length);
      expect(decided, seen).toBeGreaterThanOrEqual(fired.length - overtaken.length);
    }
    return rows;
  } finally {
    await queue.close();
  }
}
