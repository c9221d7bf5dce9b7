import { type Ledger, query } from '../ledger.ts';
import { DUE_TASK_COLUMNS, type DueTaskRow, toDueTask } from '../task/dueTask.ts';
import type { DueTask } from '../task/task.ts';

/**
 * Queued tasks of runs that may go on and are due since `graceMs`: their jobs should be in the queue. First those that
 * were not found there before, then any: where more than `limit` wait, all are looked at sooner or later.
 */
export async function waitingTasks(ledger: Ledger, graceMs: number, limit: number): Promise<readonly DueTask[]> {
  const rows = await query<DueTaskRow>(
    ledger,
    `select ${DUE_TASK_COLUMNS} from tasks t join runs r on r.run = t.run
      where t.status = 'queued' and t.not_before < now() - $1 * interval '1 millisecond'
        and r.status in ('queued', 'running')
      order by t.absent_sweeps desc, random() limit $2`,
    [graceMs, limit],
  );
  return rows.map(toDueTask);
}

/**
 * Notes which of these tasks the queue did not have. Those missing two sweeps in a row get a new delivery number and
 * are returned; one that was claimed meanwhile is left alone.
 */
export async function noteAbsent(
  ledger: Ledger,
  absent: readonly DueTask[],
  present: readonly DueTask[],
): Promise<readonly DueTask[]> {
  if (present.length > 0) {
    await query(
      ledger,
      `update tasks t set absent_sweeps = 0
         from jsonb_to_recordset($1::jsonb) as x(run bigint, kind text, number int, delivery int)
        where t.run = x.run and t.kind = x.kind and t.number = x.number and t.absent_sweeps > 0`,
      [JSON.stringify(present)],
    );
  }
  if (absent.length === 0) return [];
  const rows = await query<DueTaskRow>(
    ledger,
    `with noted as (
       update tasks t
          set absent_sweeps = case when t.absent_sweeps >= 1 then 0 else t.absent_sweeps + 1 end,
              delivery = t.delivery + case when t.absent_sweeps >= 1 then 1 else 0 end
         from jsonb_to_recordset($1::jsonb) as x(run bigint, kind text, number int, delivery int)
        where t.run = x.run and t.kind = x.kind and t.number = x.number and t.delivery = x.delivery
          and t.status = 'queued'
       returning t.run, t.kind, t.number, t.delivery, t.not_before, t.absent_sweeps)
     select ${DUE_TASK_COLUMNS} from noted t join runs r on r.run = t.run where t.absent_sweeps = 0`,
    [JSON.stringify(absent)],
  );
  return rows.map(toDueTask);
}

/** The queue lost everything: all its deliveries are void, and every waiting task is due under a new number. */
export async function voidDeliveries(ledger: Ledger): Promise<readonly DueTask[]> {
  const rows = await query<DueTaskRow>(
    ledger,
    `with again as (
       update tasks t set delivery = t.delivery + 1, absent_sweeps = 0
         from runs r where r.run = t.run and t.status = 'queued' and r.status in ('queued', 'running')
       returning t.run, t.kind, t.number, t.delivery, t.not_before)
     select ${DUE_TASK_COLUMNS} from again t join runs r on r.run = t.run order by t.not_before, t.run, t.number`,
  );
  return rows.map(toDueTask);
}
