import { type Ledger, query } from '../ledger.ts';

/**
 * The promotion that explains why a generation is live in the sink where run `run` expected another: it has made that swap
 * and not yet recorded it, or has recorded it. null: none does, and somebody else moved what is live.
 * @returns its run; null where the ledger keeps none, of a generation that was taken in say
 */
export async function readOtherPromotion(
  ledger: Ledger,
  index: string,
  live: string,
  run: number,
): Promise<{ readonly run: number | null } | null> {
  const [row] = await query<{ run: number | null; promoting: boolean; recorded: boolean }>(
    ledger,
    `select p.run::float8 as run, coalesce(p.finished_at is null and p.run is not null, false) as promoting, g.state = 'live' as recorded
       from generations g
       left join lateral (
              select r.run, r.finished_at from runs r
               where r.generation = g.generation and r.run <> $3 and r.lane in ('rebuild', 'promote')
                 and r.phase in ('promoting', 'soaking') and (r.finished_at is null or r.status = 'completed')
               order by r.finished_at desc nulls first limit 1) p on true
      where g.index = $1 and g.name = $2`,
    [index, live, run],
  );
  return row?.promoting || row?.recorded ? { run: row.run } : null;
}
