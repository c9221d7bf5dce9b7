import { type Ledger, query } from '../ledger.ts';
import type { TaskId, TaskKind } from './task.ts';

/** What the ledger says that a worker process is at, and by which claim. */
export async function runningTasks(ledger: Ledger, worker: string): Promise<readonly (TaskId & { token: string })[]> {
  const rows = await query<{ run: string; kind: TaskKind; number: number; token: string }>(
    ledger,
    `select run, kind, number, claim_token as token from tasks where owner = $1 and status = 'running'`,
    [worker],
  );
  return rows.map((row) => ({ ...row, run: Number(row.run) }));
}
