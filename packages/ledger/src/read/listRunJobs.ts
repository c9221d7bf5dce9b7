import type { Lane } from '@reindeer/core';
import { type Ledger, query } from '../ledger.ts';
import type { TaskKind } from '../task/task.ts';

/** A task of a run as the queue has it: what names its job. */
export interface RunJob {
  readonly index: string;
  readonly lane: Lane;
  readonly nonce: string;
  readonly kind: TaskKind;
  readonly number: number;
  readonly delivery: number;
  readonly status: 'queued' | 'running' | 'completed' | 'failed' | 'cancelled';
}

/** The tasks of a run by kind and number: its plan and finish, and at most `limit` slices. */
export async function listRunJobs(ledger: Ledger, run: number, limit: number): Promise<RunJob[]> {
  return query<RunJob>(
    ledger,
    `select r.index, r.lane, r.nonce, t.kind, t.number, t.delivery, t.status
       from runs r join tasks t on t.run = r.run
      where r.run = $1 and t.number <= $2
      order by array_position(array['plan', 'slice', 'finish'], t.kind), t.number`,
    [run, limit],
  );
}
