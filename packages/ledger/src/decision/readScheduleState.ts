import type { DefinitionChange, DefinitionParts, Lane, RunStatus } from '@reindeer/core';
import { changeBetween } from '../definition/changeBetween.ts';
import { SOURCE_REPLACED } from '../hold/sourceReplaced.ts';
import { type Ledger, query } from '../ledger.ts';

/** What a decision about a tick is made from, read in one statement. Times are ms since 1970. */
export interface ScheduleState {
  readonly now: number;
  readonly openRun: { readonly run: number; readonly status: RunStatus } | null;
  readonly holds: readonly {
    readonly reason: string;
    readonly index: string | null;
    readonly lane: string | null;
    readonly note: string | null;
  }[];
  /** The note of a hold because the source is another database, whatever lanes it is on; null: there is none. */
  readonly sourceReplaced: string | null;
  /** The live generation: its shards, and whether its definition is the newest, by its text. */
  readonly live: {
    readonly name: string;
    readonly shards: number;
    readonly current: boolean;
    /** What of the definition changed since it was made. */
    readonly change: DefinitionChange;
    /** A generation of the newest definition was live before, and somebody went back from it. */
    readonly wentBack: boolean;
  } | null;
  /** When the last completed run of the lane finished writing (not when it was promoted). */
  readonly lastIndexedAt: number | null;
  /** Failed runs in a row since the last that completed; cancelled ones, and those a new configuration ended, do not count. */
  readonly consecutiveFailures: number;
  readonly lastFailedAt: number | null;
}

export async function readScheduleState(
  ledger: Ledger,
  index: string,
  lane: Lane,
  shard: number,
  place: string,
): Promise<ScheduleState> {
  const [row] = await query<{
    now: string;
    open: { run: number; status: RunStatus } | null;
    holds: ScheduleState['holds'] | null;
    replaced: string | null;
    live: {
      name: string;
      shards: number;
      current: boolean;
      wentBack: boolean;
      made: DefinitionParts | null;
      newest: DefinitionParts | null;
    } | null;
    indexed: string | null;
    failures: number;
    failed_at: string | null;
  }>(
    ledger,
    `with past as (
       select run, status, indexed_at, finished_at,
              status = 'failed' and coalesce(reason, '') not in ('definition-mismatch', 'not-in-configuration', 'ledger-restored') as failed
         from runs
        where index = $1 and lane = $2 and shard = $3 and finished_at is not null),
     last_good as (select max(run) as run from past where status = 'completed')
     select (extract(epoch from now()) * 1000)::bigint as now,
       (select jsonb_build_object('run', p.run, 'status', r.status) from run_places p join runs r using (run)
         where p.index = $1 and p.place = $4 and (p.shard = $3 or ($3 = -1 and $2 <> 'rebuild')) limit 1) as open,
       (select jsonb_agg(jsonb_build_object('reason', h.reason, 'index', h.index, 'lane', h.lane, 'note', h.note))
          from holds h where h.released_at is null and h.run is null
           and (h.index is null or h.index = $1) and (h.lane is null or h.lane = $2)) as holds,
       (select coalesce(min(h.note), h.reason) from holds h
         where h.released_at is null and h.run is null and h.index = $1 and h.reason = '${SOURCE_REPLACED}'
         group by h.reason) as replaced,
       (select jsonb_build_object('name', g.name, 'shards', jsonb_array_length(g.shard_bounds) + 1,
                 'current', coalesce((select d.fingerprint from definitions d where d.index = $1 and d.number = g.definition)
                        = (select d.fingerprint from definitions d where d.index = $1 order by d.number desc limit 1), false),
                 'made', (select d.definition from definitions d where d.index = $1 and d.number = g.definition),
                 'newest', (select d.definition from definitions d where d.index = $1 order by d.number desc limit 1),
                 'wentBack', exists (select from generations n where n.index = $1 and n.state <> 'live' and n.promoted_at is not null
                                        and n.definition = (select max(d.number) from definitions d where d.index = $1)))
          from generations g where g.index = $1 and g.state = 'live') as live,
       (select (extract(epoch from max(indexed_at)) * 1000)::bigint from past where status = 'completed') as indexed,
       (select count(*) from past, last_good where past.failed and past.run > coalesce(last_good.run, 0))::int as failures,
       (select (extract(epoch from max(finished_at)) * 1000)::bigint from past where failed) as failed_at`,
    [index, lane, shard, place],
  );
  if (row === undefined) throw new Error('The ledger answered nothing about a schedule.');
  return {
    now: Number(row.now),
    openRun: row.open,
    holds: row.holds ?? [],
    sourceReplaced: row.replaced,
    live: row.live && { ...row.live, change: changeBetween(row.live.made, row.live.newest) },
    lastIndexedAt: row.indexed === null ? null : Number(row.indexed),
    consecutiveFailures: row.failures,
    lastFailedAt: row.failed_at === null ? null : Number(row.failed_at),
  };
}
