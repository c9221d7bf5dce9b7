import { type Ledger, query } from '../ledger.ts';

export interface LedgerGauges {
  readonly slices: readonly { readonly index: string; readonly state: string; readonly count: number }[];
  /** Seconds since the last slice of the live generation's rebuild was written. */
  readonly freshness: readonly { readonly index: string; readonly seconds: number }[];
  /** The oldest refresh owed to a generation that is still there. */
  readonly refreshOwed: readonly { readonly index: string; readonly seconds: number }[];
  /** The oldest hold in force; index `*`: on everything. */
  readonly holds: readonly { readonly index: string; readonly seconds: number }[];
  /** The longest time since a running task made progress; 0 when none runs. */
  readonly progressAgeSeconds: number;
}

export async function readGauges(ledger: Ledger): Promise<LedgerGauges> {
  const slices = await query<{ index: string; state: string; count: number }>(
    ledger,
    `select r.index, t.status as state, count(*)::int as count from tasks t join runs r using (run)
      where r.finished_at is null and t.kind = 'slice' group by 1, 2`,
  );
  const freshness = await query<{ index: string; seconds: number }>(
    ledger,
    `select g.index, extract(epoch from now() - r.indexed_at)::float8 as seconds
       from generations g join runs r on r.run = g.run where g.state = 'live' and r.indexed_at is not null`,
  );
  const refreshOwed = await query<{ index: string; seconds: number }>(
    ledger,
    `select o.index, extract(epoch from now() - min(o.created_at))::float8 as seconds
       from owed_refreshes o join generations g using (generation)
      where o.discharged_at is null and g.state not in ('dropping', 'dropped', 'failed') group by 1`,
  );
  const holds = await query<{ index: string; seconds: number }>(
    ledger,
    `select coalesce(h.index, r.index, '*') as index, extract(epoch from now() - min(h.created_at))::float8 as seconds
       from holds h left join runs r using (run) where h.released_at is null group by 1`,
  );
  const [age] = await query<{ seconds: number }>(
    ledger,
    `select coalesce(max(extract(epoch from now() - progressed_at)), 0)::float8 as seconds from tasks where status = 'running'`,
  );
  return { slices, freshness, refreshOwed, holds, progressAgeSeconds: age?.seconds ?? 0 };
}
