import { type Ledger, query } from '../ledger.ts';

export interface OwedRefresh {
  readonly index: string;
  readonly shard: number;
  readonly cause: string;
  /** The generation that owes it, where it is not the live one. */
  readonly generation: number | null;
}

/** Shards of generations that are kept current on which a refresh is owed (rule 9), the oldest debt first. */
export async function readOwedRefreshes(ledger: Ledger): Promise<readonly OwedRefresh[]> {
  return query<OwedRefresh>(
    ledger,
    `select o.index, o.shard, min(o.cause) as cause, case when g.state <> 'live' then g.generation end::float8 as generation
       from owed_refreshes o join generations g on g.generation = o.generation
      where o.discharged_at is null
        and g.stale_reason is null
        and (g.state = 'live' or g.state in ('building', 'retained', 'failed')
             and exists (select from consumers c where c.generation = g.generation and c.joined_at is not null))
      group by o.index, o.shard, g.generation, g.state order by min(o.created_at)`,
  );
}

/**
 * How long until no write of an owner that lost its claim can still arrive in the generation (rule 9): after every
 * take-over, after a failure, and after the end of a run whose slices were under way, a request may be so for
 * `requestTimeoutMs`. 0 where nothing is owed on the shard, or all that was sent is answered. Work that only compares does
 * not count: the digests of a rebuild fail until the refresh is done, so it would wait for them for ever.
 */
export async function quietInMs(ledger: Ledger, run: number, requestTimeoutMs: number): Promise<number> {
  const [row] = await query<{ wait_ms: number }>(
    ledger,
    `select greatest(0, coalesce(max(ceil(extract(epoch from
              greatest(c.let_go_at, t.let_go_at, case when t.status in ('cancelled', 'failed') and t.claim_no > 0 then t.finished_at end) - now()) * 1000) + $2), 0))::float8 as wait_ms
       from runs r
       left join consumers c on c.generation = r.generation and c.log = 'source'
       join runs other on other.run <> r.run
        and (other.generation = r.generation or other.index = r.index and other.lane = 'incremental')
       join tasks t on t.run = other.run and t.kind = 'slice'
        and not (other.lane = 'verify' or other.lane = 'rebuild' and t.work = 'digest')
      where r.run = $1
        and exists (select 1 from owed_refreshes o where o.generation = r.generation and o.discharged_at is null
                       and (r.shard = -1 or o.shard = r.shard))`,
    [run, requestTimeoutMs],
  );
  return row?.wait_ms ?? 0;
}
