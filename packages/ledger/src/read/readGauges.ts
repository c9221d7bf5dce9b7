import { type Ledger, query } from '../ledger.ts';

export interface LedgerGauges {
  readonly slices: readonly { readonly index: string; readonly state: string; readonly count: number }[];
  /** Seconds since the last completed indexing began to be true: since its last slice was written. */
  readonly freshness: readonly { readonly index: string; readonly seconds: number }[];
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
    `select index, extract(epoch from now() - max(indexed_at))::float8 as seconds
       from runs where status = 'completed' and indexed_at is not null group by 1`,
  );
  const [age] = await query<{ seconds: number }>(
    ledger,
    `select coalesce(max(extract(epoch from now() - progressed_at)), 0)::float8 as seconds from tasks where status = 'running'`,
  );
  return { slices, freshness, progressAgeSeconds: age?.seconds ?? 0 };
}
