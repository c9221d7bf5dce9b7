import { type Ledger, query } from '../ledger.ts';

export interface EndedRun {
  readonly run: number;
  readonly status: string;
  readonly reason: string | null;
  readonly seconds: number;
}

/** Runs that ended after `since` (text of the ledger's clock; null: from now on), and the point to go on from. */
export async function readEndedRuns(
  ledger: Ledger,
  since: string | null,
): Promise<{ readonly runs: readonly EndedRun[]; readonly upTo: string }> {
  const [clock] = await query<{ now: string }>(ledger, `select now()::text as now`);
  const upTo = clock?.now ?? '';
  if (since === null) return { runs: [], upTo };
  const rows = await query<Omit<EndedRun, 'run'> & { run: string }>(
    ledger,
    `select run, status, reason, extract(epoch from finished_at - coalesce(started_at, created_at))::float8 as seconds
       from runs where finished_at > $1::timestamptz and finished_at <= $2::timestamptz`,
    [since, upTo],
  );
  return { runs: rows.map((row) => ({ ...row, run: Number(row.run) })), upTo };
}
