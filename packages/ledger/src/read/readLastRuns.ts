import type { RunView } from '@reindeer/core';
import { type Ledger, query } from '../ledger.ts';
import { type RunRow, SELECT_RUN, toRunView } from './runRow.ts';

/** Runs of a shard lane that are looked at for the latest of each shard. */
const SHARDS = 64;

/**
 * The last runs of each index that ended, newest first: three rebuilds, three promotions by hand, and of refresh and verify the latest of each
 * shard that there is: what failed on another, of a generation with more of them, nobody could mend. The latest runs of all lanes alone would be those of the lane with the most shards. No feed: it ends when a person
 * or a new configuration ends it, and another follows; how it does, and how the last one ended where none does, is its
 * index's to say (`readIndexes`).
 */
export async function readLastRuns(ledger: Ledger): Promise<RunView[]> {
  const rows = await query<RunRow>(
    ledger,
    `with last as (
       select l.*
         from indexes i
         left join generations g on g.index = i.index and g.state = 'live'
        cross join (values ('rebuild', 3), ('promote', 3), ('refresh', ${SHARDS}), ('verify', ${SHARDS})) as of (lane, rows)
        cross join lateral (
              select r.run, r.index, r.lane, r.shard from runs r
               where r.index = i.index and r.lane = of.lane and r.finished_at is not null
                 and (g.generation is null or r.shard <= jsonb_array_length(g.shard_bounds))
               order by r.run desc limit of.rows) l),
     shown as (
       select run from last where lane in ('rebuild', 'promote')
       union all
       select max(run) from last where lane not in ('rebuild', 'promote') group by index, lane, shard)
     ${SELECT_RUN} where r.run in (select run from shown) order by r.run desc`,
  );
  return rows.map(toRunView);
}
