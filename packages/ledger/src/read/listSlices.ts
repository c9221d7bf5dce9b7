import type { Key, Tally } from '@reindeer/core';
import { type Ledger, query } from '../ledger.ts';
import type { SliceWork } from '../task/task.ts';

export type SliceState = 'queued' | 'running' | 'completed' | 'failed' | 'cancelled';

/** A slice as the CLI, the API and the console give it. */
export interface SliceView {
  readonly number: number;
  readonly shard: number;
  /** What it goes through: the source's rows, the sink's ids, changes, or digests of both and then what differs. */
  readonly work: SliceWork;
  /** Exclusive; null: from the first key. */
  readonly after: Key | null;
  /** Inclusive; null: to the last key. */
  readonly upTo: Key | null;
  readonly state: SliceState;
  /** The last key durably applied. */
  readonly cursor: Key | null;
  readonly documents: Tally;
  /** Rows the planner expected in it. */
  readonly estimate: number;
  /** Failures without progress in between. */
  readonly attempts: number;
  /** How often it was delivered. */
  readonly delivery: number;
  /** The name of the worker that has it, or had it last. */
  readonly owner: string | null;
  readonly startedAt: string | null;
  readonly progressedAt: string | null;
  readonly finishedAt: string | null;
  readonly error: string | null;
  /** Not tried again before this; null when it is due or has ended. */
  readonly notBefore: string | null;
}

type SliceRow = Omit<SliceView, 'documents' | 'startedAt' | 'progressedAt' | 'finishedAt' | 'notBefore'> &
  Tally & { startedAt: Date | null; progressedAt: Date | null; finishedAt: Date | null; notBefore: Date | null };

/** The slices of a run in their order; at most `limit` (default 1,000) after the number `after`. */
export async function listSlices(
  ledger: Ledger,
  run: number,
  page: { readonly after?: number | undefined; readonly limit?: number | undefined } = {},
): Promise<SliceView[]> {
  const rows = await query<SliceRow>(
    ledger,
    `select t.number, t.shard, t.work, t.after, t.up_to as "upTo", t.status as state, t.cursor,
            t.read::float8, t.written::float8, t.unchanged::float8, t.superseded::float8,
            t.filtered::float8, t.deleted::float8, t.failed::float8, t.orphans::float8,
            t.estimate::float8, t.attempts, t.delivery, w.name as owner,
            t.started_at as "startedAt", t.progressed_at as "progressedAt", t.finished_at as "finishedAt", t.error,
            case when t.status = 'queued' and t.not_before > clock_timestamp() then t.not_before end as "notBefore"
       from tasks t left join workers w on w.worker = t.owner
      where t.run = $1 and t.kind = 'slice' and t.number > $2
      order by t.number limit $3`,
    [run, page.after ?? 0, page.limit ?? 1000],
  );
  return rows.map(
    ({ read, written, unchanged, superseded, filtered, deleted, failed, orphans, ...slice }): SliceView => ({
      ...slice,
      documents: { read, written, unchanged, superseded, filtered, deleted, failed, orphans },
      startedAt: slice.startedAt?.toISOString() ?? null,
      progressedAt: slice.progressedAt?.toISOString() ?? null,
      finishedAt: slice.finishedAt?.toISOString() ?? null,
      notBefore: slice.notBefore?.toISOString() ?? null,
    }),
  );
}
