import { type RunPhase, transitionPhase } from '@reindeer/core';
import type { PoolClient } from 'pg';
import { query } from '../ledger.ts';
import { DUE_TASK_COLUMNS, type DueTaskRow, toDueTask } from '../task/dueTask.ts';
import type { DueTask } from '../task/task.ts';

/**
 * Where all slices are planned and done, moves the run to its next phase and makes its finish task; else null.
 * The caller holds the run's row lock, so exactly one of the last two checkpoints sees itself as the last.
 */
export async function moveToFinish(client: PoolClient, run: number): Promise<DueTask | null> {
  const [row] = await query<{ phase: RunPhase }>(
    client,
    `select phase from runs
      where run = $1 and planned_at is not null
        and not exists (select 1 from tasks where run = $1 and kind = 'slice' and status <> 'completed')`,
    [run],
  );
  if (row === undefined) return null;
  const next = transitionPhase(row.phase, 'built');
  if (next !== null) {
    await client.query(`update runs set phase = $2, indexed_at = coalesce(indexed_at, now()) where run = $1`, [
      run,
      next,
    ]);
  }
  await client.query(`insert into tasks (run, kind, number) values ($1, 'finish', 0) on conflict do nothing`, [run]);
  const [task] = await query<DueTaskRow>(
    client,
    `select ${DUE_TASK_COLUMNS} from tasks t join runs r on r.run = t.run
      where t.run = $1 and t.kind = 'finish' and t.status = 'queued'`,
    [run],
  );
  return task === undefined ? null : toDueTask(task);
}
