import { describe, expect, it } from 'vitest';
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
      await Promise.all([d.start('scheduler'), d.start('scheduler'), d.start('worker')]);
      await until(
        `${TICKS} ticks`,
        async () => {
          const { rows } = await d.db.query(
            `select coalesce(sum(count), 0)::int as n from reindeer.decisions d where ${TICKED}`,
          );
          return rows[0].n >= TICKS;
        },
        60_000,
      );
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
      // Every tick has its decision: as many as seconds have passed between the first slot and the last.
      const { rows: perIndex } = await d.db.query<{ index: string; decided: number; fired: number }>(
        `select index, sum(count)::int as decided, ((max(last_slot) - min(first_slot)) / 1000 + 1)::int as fired
         from reindeer.decisions d where ${TICKED} group by 1 order by 1`,
      );
      expect(perIndex).toHaveLength(INDEXES);
      for (const { index: name, decided, fired } of perIndex) expect(decided, name).toBe(fired);
    }),
  );

  it(
    `lead ${TICKS} ticks of ${SHARDS} shards to ${TICKS} decisions, spread over the period`,
    deployed(async (d) => {
      await d.db.query(`create table thing (id bigint primary key, name text not null)`);
      await d.db.query(`insert into thing select n, 'thing ' || n from generate_series(1, 400) n`);
      await d.configure(`{ things: { source: { connection: 'db', table: 'public.thing', key: ['id'] }, sink: { connection: 'db' },
      shards: ${SHARDS}, refresh: { every: '${PERIOD_S}s' } } }`);
      await Promise.all([d.start('scheduler'), d.start('scheduler'), d.start('worker')]);
      const ticked = `lane = 'refresh'`;
      await until(
        `${TICKS} ticks`,
        async () => {
          const { rows } = await d.db.query(
            `select coalesce(sum(count), 0)::int as n from reindeer.decisions where ${ticked}`,
          );
          return rows[0].n >= TICKS;
        },
        90_000,
      );
      const { rows } = await d.db.query<{ shard: number; decided: number; fired: number; offset: number }>(
        `select shard, sum(count)::int as decided, ((max(last_slot) - min(first_slot)) / ${PERIOD_S * 1000} + 1)::int as fired,
              (min(first_slot) % ${PERIOD_S * 1000})::int as offset
         from reindeer.decisions where ${ticked} group by 1 order by 1`,
      );
      expect(rows.map(({ shard }) => shard)).toEqual(Array.from({ length: SHARDS }, (_, at) => at));
      for (const { shard, decided, fired } of rows) expect(decided, `shard ${shard}`).toBe(fired);
      const offsets = rows.map(({ offset }) => offset).sort((a, b) => a - b);
      const gaps = offsets.map((offset, at) => (offsets[at + 1] ?? (offsets[0] ?? 0) + PERIOD_S * 1000) - offset);
      expect(gaps).toEqual(gaps.map(() => (PERIOD_S * 1000) / SHARDS));
      const { rows: doubled } = await d.db.query(
        `select lane, shard, slot, count(*) from reindeer.runs where slot is not null group by 1, 2, 3 having count(*) > 1`,
      );
      expect(doubled).toEqual([]);
    }),
  );
});
