import type { RunView } from '@reindeer/core';
import { type Ledger, query } from '../ledger.ts';
import { type RunRow, SELECT_RUN, toRunView } from './runRow.ts';

/** One run; null when the ledger has no such run (any more). */
export async function readRun(ledger: Ledger, run: number): Promise<RunView | null> {
  const [row] = await query<RunRow>(ledger, `${SELECT_RUN} where r.run = $1`, [run]);
  return row === undefined ? null : toRunView(row);
}
