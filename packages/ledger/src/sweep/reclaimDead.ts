import { type Ledger, query, transaction } from '../ledger.ts';
import { moveRun } from '../run/moveRun.ts';
import { settleIdle } from '../run/settleIdle.ts';
import { DUE_TASK_COLUMNS, type DueTaskRow, toDueTask } from '../task/dueTask.ts';
import type { DueTask, TaskKind } from '../task/task.ts';

export interface Reclaimed {
  readonly due: readonly DueTask[];
  /** Runs that ended because a task killed its owner too often. */
  readonly failed: readonly number[];
}

/**
 * Takes the tasks of processes whose lease has ended, and makes them due again under a new delivery number.
 * A death without progress counts as an attempt: a document that kills its worker must not do so for ever.
 */
export async function reclaimDead(ledger: Ledger, maxAttempts: number): Promise<Reclaimed> {
  const dead = await query<{ run: string }>(
    ledger,
    `select distinct t.run from tasks t left join workers w on w.worker = t.owner
      where t.status = 'running' and (w.worker is null or w.lease_until < now())`,
  );
  const due: DueTask[] = [];
  const failed: number[] = [];
  for (const { run } of dead) {
    const result = await reclaimRun(ledger, Number(run), maxAttempts);
    due.push(...result.due);
    if (result.failed) failed.push(Number(run));
  }
  return { due, failed };
}

async function reclaimRun(ledger: Ledger, run: number, maxAttempts: number) {
  return transaction(ledger, async (client): Promise<{ due: DueTask[]; failed: boolean }> => {
    const [state] = await query<{ status: string }>(
      client,
      `select status from runs where run = $1 for no key update`,
      [run],
    );
    const taken = await query<{ kind: TaskKind; number: number; attempts: number }>(
      client,
      `update tasks t
          set status = 'queued', owner = null, claim_token = null, delivery = delivery + 1, absent_sweeps = 0,
              attempts = attempts + 1, failing_since = coalesce(failing_since, now()), not_before = now(), let_go_at = now(),
              error = coalesce(error, 'The worker process that owned it died.')
        where t.run = $1 and t.status = 'running'
          and not exists (select 1 from workers w where w.worker = t.owner and w.lease_until >= now())
        returning kind, number, attempts`,
      [run],
    );
    const poison = taken.find((task) => task.attempts >= maxAttempts);
    if (poison !== undefined) {
      await moveRun(client, run, 'task-failed', {
        reason: 'error',
        error: `${poison.kind} ${poison.number} lost its worker ${poison.attempts} times without progress. Look for out-of-memory kills or a document that ends the process; then \`reindeer retry ${run}\`.`,
      });
      return { due: [], failed: true };
    }
    await settleIdle(client, run);
    if (state?.status !== 'running' && state?.status !== 'queued') return { due: [], failed: false };
    const rows = await query<DueTaskRow>(
      client,
      `select ${DUE_TASK_COLUMNS} from tasks t join runs r on r.run = t.run
         join jsonb_to_recordset($2::jsonb) as x(kind text, number int) on x.kind = t.kind and x.number = t.number
        where t.run = $1 and t.status = 'queued'`,
      [run, JSON.stringify(taken)],
    );
    return { due: rows.map(toDueTask), failed: false };
  });
}
