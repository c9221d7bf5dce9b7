import type { Lane } from '@reindeer/core';
import { WHOLE_INDEX } from '@reindeer/core';
import { type Ledger, query } from '../ledger.ts';
import type { DecisionView, GenerationView, HoldView, IndexOverview } from './indexOverview.ts';
import { type RunRow, SELECT_RUN, toRunView } from './runRow.ts';

/** Every index the ledger knows, those no longer configured included, by name. */
export async function readIndexes(ledger: Ledger): Promise<IndexOverview[]> {
  return readOverviews(ledger, null);
}

/** One index; null when the ledger does not know it: no scheduler has applied a configuration with it yet. */
export async function readIndex(ledger: Ledger, index: string): Promise<IndexOverview | null> {
  return (await readOverviews(ledger, [index]))[0] ?? null;
}

/** One statement per kind of row, however many indexes there are. */
async function readOverviews(ledger: Ledger, names: readonly string[] | null): Promise<IndexOverview[]> {
  const [indexes, generations, openRuns, lastRuns, holds, decisions] = await Promise.all([
    query<IndexRow>(ledger, SELECT_INDEXES, [names]),
    query<GenerationRow>(ledger, SELECT_GENERATIONS, [names]),
    query<RunRow>(
      ledger,
      `${SELECT_RUN} where r.finished_at is null and ($1::text[] is null or r.index = any($1)) order by r.run`,
      [names],
    ),
    query<RunRow>(
      ledger,
      `${SELECT_RUN}
         join indexes i on i.index = r.index and ($1::text[] is null or i.index = any($1))
        where r.run in (select run from runs where index = i.index and finished_at is not null order by run desc limit 5)
        order by r.run desc`,
      [names],
    ),
    query<HoldRow>(ledger, SELECT_HOLDS, [names]),
    query<DecisionRow>(ledger, SELECT_DECISIONS, [names]),
  ]);
  return indexes.map(({ index, configured, live, lastIndexedAt, freshnessSeconds, owedRefreshes }) => ({
    index,
    configured,
    live: live && { ...live, promotedAt: live.promotedAt && new Date(live.promotedAt).toISOString() },
    generations: generations.filter((row) => row.index === index).map(toGeneration),
    lastIndexedAt: lastIndexedAt?.toISOString() ?? null,
    freshnessSeconds,
    openRuns: openRuns.filter((row) => row.index === index).map(toRunView),
    lastRuns: lastRuns.filter((row) => row.index === index).map(toRunView),
    holds: holds
      .filter((row) => row.index === null || row.index === index)
      .map((row): HoldView => ({ ...row, createdAt: row.createdAt.toISOString() })),
    decisions: decisions.filter((row) => row.index === index).map(toDecision),
    owedRefreshes,
  }));
}

interface IndexRow extends Pick<IndexOverview, 'index' | 'configured' | 'live' | 'freshnessSeconds' | 'owedRefreshes'> {
  lastIndexedAt: Date | null;
}

// An index is as fresh as its stalest shard.
const SELECT_INDEXES = `
select i.index, i.removed_at is null as configured,
       case when g.generation is not null then jsonb_build_object(
         'name', g.name, 'number', g.number, 'documents', g.documents, 'promotedAt', g.promoted_at,
         'caughtUp', coalesce(r.caught_up, false)) end as live,
       f.indexed_at as "lastIndexedAt",
       (case when f.indexed_at is not null
             then greatest(0, extract(epoch from clock_timestamp() - f.indexed_at)) end)::float8 as "freshnessSeconds",
       (select count(distinct shard)::float8 from owed_refreshes o
         where o.generation = g.generation and o.discharged_at is null) as "owedRefreshes"
  from indexes i
  left join generations g on g.index = i.index and g.state = 'live'
  left join runs r on r.run = g.run
  left join (select generation, min(indexed_at) as indexed_at from live_shards group by 1) f on f.generation = g.generation
 where $1::text[] is null or i.index = any($1)
 order by i.index`;

interface GenerationRow extends Omit<GenerationView, 'createdAt' | 'promotedAt' | 'retiredAt' | 'droppedAt'> {
  index: string;
  createdAt: Date;
  promotedAt: Date | null;
  retiredAt: Date | null;
  droppedAt: Date | null;
}

const SELECT_GENERATIONS = `
select g.index, g.name, g.number, g.state, g.run::float8 as run, g.epoch::float8 as epoch,
       g.documents::float8 as documents, g.created_at as "createdAt", g.promoted_at as "promotedAt",
       g.retired_at as "retiredAt", g.dropped_at as "droppedAt"
  from (select *, row_number() over (partition by index, state in ('dropped', 'failed') order by number desc) as nth
          from generations where $1::text[] is null or index = any($1)) g
 where g.state not in ('dropped', 'failed') or g.nth <= 5
 order by g.number desc`;

interface HoldRow extends Omit<HoldView, 'createdAt'> {
  createdAt: Date;
}

const SELECT_HOLDS = `
select hold::float8 as hold, index, lane, run::float8 as run, reason, actor, note, created_at as "createdAt"
  from holds where released_at is null and ($1::text[] is null or index is null or index = any($1))
 order by hold`;

interface DecisionRow {
  index: string;
  lane: Lane;
  shard: number;
  outcome: 'started' | 'skipped';
  reason: string | null;
  run: number | null;
  count: number;
  firstSlot: number;
  lastSlot: number;
  decidedAt: Date;
}

const SELECT_DECISIONS = `
select distinct on (index, lane, shard) index, lane, shard, outcome, reason, run::float8 as run, count::float8 as count,
       first_slot::float8 as "firstSlot", last_slot::float8 as "lastSlot", decided_at as "decidedAt"
  from decisions where $1::text[] is null or index = any($1)
 order by index, lane, shard, decision desc`;

function toGeneration({ index: _, ...row }: GenerationRow): GenerationView {
  return {
    ...row,
    createdAt: row.createdAt.toISOString(),
    promotedAt: row.promotedAt?.toISOString() ?? null,
    retiredAt: row.retiredAt?.toISOString() ?? null,
    droppedAt: row.droppedAt?.toISOString() ?? null,
  };
}

function toDecision({ index: _, shard, firstSlot, lastSlot, decidedAt, ...row }: DecisionRow): DecisionView {
  return {
    ...row,
    shard: shard === WHOLE_INDEX ? null : shard,
    firstTickAt: new Date(firstSlot).toISOString(),
    lastTickAt: new Date(lastSlot).toISOString(),
    decidedAt: decidedAt.toISOString(),
  };
}
