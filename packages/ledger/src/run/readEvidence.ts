import { EMPTY_TALLY, type Tally } from '@reindeer/core';
import { type Ledger, query } from '../ledger.ts';

export interface SliceEvidence {
  readonly number: number;
  readonly completed: boolean;
  readonly tally: Tally;
}

/** What became of every slice of a run: the evidence that promotion asks for (I6). */
export async function readEvidence(ledger: Ledger, run: number): Promise<readonly SliceEvidence[]> {
  const rows = await query<{ number: number; status: string } & Record<keyof Tally, string>>(
    ledger,
    `select number, status, read, written, unchanged, superseded, filtered, deleted, failed, orphans
       from tasks where run = $1 and kind = 'slice' order by number`,
    [run],
  );
  return rows.map((row) => ({
    number: row.number,
    completed: row.status === 'completed',
    tally: Object.fromEntries(
      (Object.keys(EMPTY_TALLY) as (keyof Tally)[]).map((name) => [name, Number(row[name])]),
    ) as unknown as Tally,
  }));
}
