import { type Differences, EMPTY_TALLY, type Tally } from '@reindeer/core';
import { type Ledger, query } from '../ledger.ts';
import type { SliceWork } from '../task/task.ts';

export interface SliceEvidence {
  readonly number: number;
  /** A rebuild's `digest` slices compare what the others wrote: their tallies are empty. */
  readonly work: SliceWork;
  readonly completed: boolean;
  readonly tally: Tally;
  readonly differences: Differences;
}

/** What became of every slice of a run: the evidence that promotion asks for (I6). */
export async function readEvidence(ledger: Ledger, run: number): Promise<readonly SliceEvidence[]> {
  const rows = await query<
    { number: number; work: SliceWork; status: string } & Record<keyof Tally | keyof Differences, string>
  >(
    ledger,
    `select number, work, status, missing, extra, stale, read, written, unchanged, superseded, filtered, deleted, failed, orphans
       from tasks where run = $1 and kind = 'slice' order by number`,
    [run],
  );
  return rows.map((row) => ({
    number: row.number,
    work: row.work,
    differences: { missing: Number(row.missing), extra: Number(row.extra), stale: Number(row.stale) },
    completed: row.status === 'completed',
    tally: Object.fromEntries(
      (Object.keys(EMPTY_TALLY) as (keyof Tally)[]).map((name) => [name, Number(row[name])]),
    ) as unknown as Tally,
  }));
}
