import { type Ledger, query } from '../ledger.ts';
import { LAG_SECONDS } from './lagSql.ts';
import { readAlive } from './readAlive.ts';
import { REQUESTED_KEYS } from './requestedKeysSql.ts';

/** What is worth watching of a whole deployment. */
export interface LedgerGauges {
  readonly slices: readonly { readonly index: string; readonly state: string; readonly count: number }[];
  readonly shards: readonly ShardAge[];
  /** The longest time since a task that runs, or is tried again, made progress; 0 when there is none. */
  readonly progressAgeSeconds: number;
  /** Of every index with something live: whether that was made by another definition than the one that is applied. */
  readonly definitions: readonly { readonly index: string; readonly mismatch: boolean }[];
  readonly owedRefreshes: readonly { readonly index: string; readonly count: number }[];
  /** The oldest refresh owed to a generation that is still there. */
  readonly refreshOwed: readonly { readonly index: string; readonly seconds: number }[];
  /** The oldest hold in force; index `*`: on everything. */
  readonly holds: readonly { readonly index: string; readonly seconds: number }[];
  /** Of every index that has a feed. */
  readonly feeds: readonly FeedGauges[];
  /** In a row, since the last that completed; of a feed, which never does, since the last that is under way. */
  readonly failedRuns: readonly { readonly index: string; readonly lane: string; readonly count: number }[];
  /** Worker processes whose lease is in force. */
  readonly workers: number;
}

export interface FeedGauges {
  readonly index: string;
  /** null: it has finished no pass for what is live. */
  readonly lagSeconds: number | null;
  /** 100,000 may be more. */
  readonly requestedKeys: number;
}

/** How long ago a shard of a live generation was last known to be right: built, or refreshed as a whole. */
export interface ShardAge {
  readonly index: string;
  readonly shard: number;
  readonly seconds: number;
}

export async function readGauges(ledger: Ledger): Promise<LedgerGauges> {
  const [slices, shards, [age], definitions, owedRefreshes, refreshOwed, holds, feeds, failedRuns, alive] =
    await Promise.all([
      query<LedgerGauges['slices'][number]>(ledger, SLICES),
      readShardAges(ledger),
      query<{ seconds: number }>(ledger, PROGRESS_AGE),
      query<LedgerGauges['definitions'][number]>(ledger, DEFINITIONS),
      query<LedgerGauges['owedRefreshes'][number]>(ledger, OWED_REFRESHES),
      query<LedgerGauges['refreshOwed'][number]>(ledger, REFRESH_OWED),
      query<LedgerGauges['holds'][number]>(ledger, HOLDS),
      query<FeedGauges>(ledger, FEEDS),
      query<LedgerGauges['failedRuns'][number]>(ledger, FAILED_RUNS),
      readAlive(ledger),
    ]);
  const progressAgeSeconds = age?.seconds ?? 0;
  return {
    slices,
    shards,
    progressAgeSeconds,
    definitions,
    owedRefreshes,
    refreshOwed,
    holds,
    feeds,
    failedRuns,
    workers: alive.workers,
  };
}

/** Of every index that has something live, by index and shard. */
export async function readShardAges(ledger: Ledger): Promise<readonly ShardAge[]> {
  return query<ShardAge>(ledger, SHARD_AGES);
}

const SLICES = `
select r.index, t.status as state, count(*)::int as count from tasks t join runs r using (run)
 where r.finished_at is null and t.kind = 'slice' group by 1, 2`;

const PROGRESS_AGE = `
select greatest(0, coalesce(max(extract(epoch from clock_timestamp() - coalesce(t.failing_since, t.progressed_at))), 0))::float8
         as seconds
  from tasks t join runs r on r.run = t.run and r.status = 'running'
 where t.status = 'running' or (t.status = 'queued' and t.failing_since is not null)`;

const SHARD_AGES = `
select index, shard, greatest(0, extract(epoch from clock_timestamp() - indexed_at))::float8 as seconds
  from live_shards where indexed_at is not null order by 1, 2`;

const DEFINITIONS = `
select g.index, made.fingerprint is distinct from newest.fingerprint as mismatch
  from generations g
  join indexes i on i.index = g.index and i.removed_at is null
  left join definitions made on made.index = g.index and made.number = g.definition
  left join lateral (select d.fingerprint from definitions d where d.index = g.index order by d.number desc limit 1) newest on true
 where g.state = 'live'`;

const OWED_REFRESHES = `
select g.index, count(distinct o.shard)::int as count
  from generations g left join owed_refreshes o on o.generation = g.generation and o.discharged_at is null
 where g.state = 'live' group by 1`;

const REFRESH_OWED = `
select o.index, extract(epoch from clock_timestamp() - min(o.created_at))::float8 as seconds
  from owed_refreshes o join generations g using (generation)
 where o.discharged_at is null and g.state not in ('dropping', 'dropped', 'failed') group by 1`;

const HOLDS = `
select coalesce(h.index, r.index, '*') as index,
       extract(epoch from clock_timestamp() - min(h.created_at))::float8 as seconds
  from holds h left join runs r using (run) where h.released_at is null group by 1`;

const FEEDS = `
select i.index, ${LAG_SECONDS} as "lagSeconds",
       ${REQUESTED_KEYS} as "requestedKeys"
  from indexes i
  left join generations g on g.index = i.index and g.state = 'live'
  left join consumers c on c.generation = g.generation and c.log = 'source'
  left join consumers q on q.generation = g.generation and q.log = 'requested'
 where i.removed_at is null and i.feed_every_ms is not null`;

const FAILED_RUNS = `
select i.index, l.lane,
       (select count(*)::int from runs r
         where r.index = i.index and r.lane = l.lane and r.status = 'failed'
           and r.run > coalesce((select max(run) from runs c
                                  where c.index = i.index and c.lane = l.lane
                                    and (c.status = 'completed' or l.lane = 'incremental' and c.finished_at is null)), 0)) as count
  from indexes i cross join (values ('rebuild'), ('refresh'), ('verify'), ('incremental')) as l (lane)
 where i.removed_at is null and (l.lane <> 'incremental' or i.feed_every_ms is not null)`;
