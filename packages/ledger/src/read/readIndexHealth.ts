import { type Ledger, query } from '../ledger.ts';

/** How the shards of what is live stand: an index is as fresh as its stalest shard. */
export interface IndexHealth {
  readonly index: string;
  readonly shards: number;
  /** When the stalest shard was last made equal to the source; null: not known. */
  readonly indexedAt: string | null;
  /** Which one that is; null where all are of one age. */
  readonly stalestShard: number | null;
  /** Shards that wait for a refresh, since when, and why. */
  readonly owed: { readonly shards: number; readonly since: string; readonly causes: readonly string[] } | null;
  /** What the last verify of each shard found and nothing has repaired since; null: nothing was verified. */
  readonly verified: {
    readonly shards: number;
    /** Of the shard whose verify is the longest ago. */
    readonly since: string;
    readonly missing: number;
    readonly extra: number;
    readonly stale: number;
    /** A run that found differences; null where none did. */
    readonly run: number | null;
  } | null;
}

interface Row extends Omit<IndexHealth, 'indexedAt' | 'owed' | 'verified'> {
  indexedAt: Date | null;
  owed: IndexHealth['owed'];
  verified: IndexHealth['verified'];
}

/** Every index with something live. A run on a part of a shard makes it no fresher. */
export async function readIndexHealth(ledger: Ledger): Promise<IndexHealth[]> {
  const rows = await query<Row>(ledger, SELECT);
  return rows.map((row) => ({
    ...row,
    indexedAt: row.indexedAt?.toISOString() ?? null,
    owed: row.owed && { ...row.owed, since: new Date(row.owed.since).toISOString() },
    verified: row.verified && { ...row.verified, since: new Date(row.verified.since).toISOString() },
  }));
}

const SELECT = `
with shard as (
  select s.index, s.generation, s.shard, s.indexed_at,
         max(r.run) filter (where r.lane = 'refresh') as refreshed, max(r.run) filter (where r.lane = 'verify') as verified
    from live_shards s
    left join runs r on r.generation = s.generation and r.lane in ('refresh', 'verify') and r.status = 'completed'
     and r.shard in (s.shard, -1) and coalesce(r.options -> 'range', 'null') = 'null'
   group by s.index, s.generation, s.shard, s.indexed_at),
live as (select index, generation, count(*)::int as shards from shard group by index, generation)
select l.index, l.shards,
       (select min(indexed_at) from shard s where s.index = l.index) as "indexedAt",
       (select case when count(distinct indexed_at) > 1 then (array_agg(shard order by indexed_at nulls first, shard))[1] end
          from shard s where s.index = l.index) as "stalestShard",
       (select jsonb_build_object('shards', count(distinct o.shard), 'since', min(o.created_at),
               'causes', jsonb_agg(distinct o.cause))
          from owed_refreshes o where o.generation = l.generation and o.discharged_at is null having count(*) > 0) as owed,
       (select jsonb_build_object('shards', count(*), 'since', min(v.finished_at),
               'missing', coalesce(sum(v.missing) filter (where open), 0),
               'extra', coalesce(sum(v.extra) filter (where open), 0),
               'stale', coalesce(sum(v.stale) filter (where open), 0),
               'run', max(v.run) filter (where open and v.missing + v.extra + v.stale > 0))
          from (select r.run, r.finished_at, s.refreshed is null or s.refreshed < r.run as open,
                       coalesce(sum(t.missing), 0) as missing, coalesce(sum(t.extra), 0) as extra,
                       coalesce(sum(t.stale), 0) as stale
                  from shard s join runs r on r.run = s.verified
                  left join tasks t on t.run = r.run and t.kind = 'slice'
                 where s.index = l.index group by r.run, s.refreshed) v
        having count(*) > 0) as verified
  from live l
 order by l.index`;
