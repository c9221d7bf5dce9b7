import type { Lane, RunState, RunView } from '@reindeer/core';
import { type Ledger, query } from '../ledger.ts';
import { type RunRow, SELECT_RUN, toRunView } from './runRow.ts';

export interface RunFilter {
  readonly index?: string | undefined;
  readonly lane?: Lane | undefined;
  /** As users see it: the phase while a run is running, else its status. */
  readonly state?: RunState | undefined;
  /** Only runs that have not ended. */
  readonly open?: boolean | undefined;
  /** Only runs with a lower number: the last one of the page before. */
  readonly after?: number | undefined;
  /** Rows at most. */
  readonly limit: number;
}

/** Runs, newest first, by keyset: pages stay right while new runs appear. */
export async function listRuns(ledger: Ledger, filter: RunFilter): Promise<RunView[]> {
  const rows = await query<RunRow>(
    ledger,
    `${SELECT_RUN}
  where ($1::text is null or r.index = $1)
    and ($2::text is null or r.lane = $2)
    and ($3::text is null or case when r.status = 'running' then r.phase else r.status end = $3)
    and (not $4::boolean or r.finished_at is null)
    and ($5::bigint is null or r.run < $5)
  order by r.run desc limit $6`,
    [
      filter.index ?? null,
      filter.lane ?? null,
      filter.state ?? null,
      filter.open ?? false,
      filter.after ?? null,
      filter.limit,
    ],
  );
  return rows.map(toRunView);
}
