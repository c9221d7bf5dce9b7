import { type Ledger, query } from '../ledger.ts';

/** Why a run that is open does not get on: tasks of it failed, and are tried again. */
export interface RunTrouble {
  readonly run: number;
  /** How many of its tasks. */
  readonly tasks: number;
  /** Failures in a row, without progress in between, of the one that has most. */
  readonly attempts: number;
  /** When the first of them began to fail; null: it is not known. */
  readonly since: string | null;
  /** When the next of them is tried again; null: one is being tried now, or is due. */
  readonly nextAt: string | null;
  /** What the one with most attempts failed with; it names the remedy. */
  readonly error: string;
}

interface Row extends Omit<RunTrouble, 'since' | 'nextAt'> {
  since: Date | null;
  nextAt: Date | null;
}

/** Every open run with a task that failed and has made no progress since. */
export async function readTroubles(ledger: Ledger): Promise<RunTrouble[]> {
  const rows = await query<Row>(
    ledger,
    `select t.run::float8 as run, count(*)::float8 as tasks, max(t.attempts) as attempts,
            min(t.failing_since) as since,
            case when bool_and(t.status = 'queued' and t.not_before > clock_timestamp()) then min(t.not_before) end as "nextAt",
            (array_agg(t.error order by t.attempts desc, t.number))[1] as error
       from tasks t join runs r on r.run = t.run and r.finished_at is null
      where t.status in ('queued', 'running') and t.attempts > 0 and t.error is not null
      group by t.run order by t.run`,
  );
  return rows.map((row) => ({
    ...row,
    since: row.since?.toISOString() ?? null,
    nextAt: row.nextAt?.toISOString() ?? null,
  }));
}
