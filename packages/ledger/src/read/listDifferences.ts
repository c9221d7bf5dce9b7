import type { DifferenceKind } from '@reindeer/core';
import { type Ledger, query } from '../ledger.ts';

/** An example of a difference that a refresh or verify found; counts are in the run. */
export interface DifferenceRow {
  readonly kind: DifferenceKind;
  readonly document: string;
  readonly detail: string;
}

/** Examples of what these runs found, at most `limit` of each kind. */
export async function listDifferences(
  ledger: Ledger,
  runs: readonly number[],
  limit: number,
): Promise<readonly DifferenceRow[]> {
  return query<DifferenceRow>(
    ledger,
    `select kind, document, detail
       from (select d.*, row_number() over (partition by kind order by run, document) as nth
               from differences d where run = any($1)) d
      where nth <= $2 order by kind, nth`,
    [runs, limit],
  );
}
