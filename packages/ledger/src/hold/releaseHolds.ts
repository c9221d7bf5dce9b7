import { type Ledger, query, transaction } from '../ledger.ts';
import { moveRun } from '../run/moveRun.ts';
import { DUE_TASK_COLUMNS, type DueTaskRow, toDueTask } from '../task/dueTask.ts';
import type { DueTask } from '../task/task.ts';
import { type HoldScope, RUNS_IN_SCOPE } from './setHold.ts';

export interface Released {
  readonly holds: number;
  /** Tasks of the runs that go on; they have a new delivery number and must be delivered. */
  readonly due: readonly DueTask[];
}

/**
 * Releases the holds of exactly this scope (those with `reason`, or all), and lets the runs go on that no other hold
 * keeps: the last one released starts the work again.
 */
export async function releaseHolds(
  ledger: Ledger,
  scope: HoldScope & { reason?: string; actor: string },
): Promise<Released> {
  return transaction(ledger, async (client) => {
    const released = await query(
      client,
      `update holds set released_at = now(), released_by = $5
        where released_at is null and index is not distinct from $1 and lane is not distinct from $2
          and run is not distinct from $3 and ($4::text is null or reason = $4) returning hold`,
      [scope.index, scope.lane, scope.run, scope.reason ?? null, scope.actor],
    );
    const runs = await query<{ run: string }>(
      client,
      `select r.run from runs r
        where r.status in ('pausing', 'paused') and ${RUNS_IN_SCOPE}
          and not exists (select 1 from holds h where h.released_at is null
                 and (h.index is null or h.index = r.index) and (h.lane is null or h.lane = r.lane)
                 and (h.run is null or h.run = r.run))
        order by r.run for no key update`,
      [scope.index, scope.lane, scope.run],
    );
    const due: DueTask[] = [];
    for (const { run } of runs) {
      await moveRun(client, Number(run), 'resume-asked');
      due.push(...(await deliverAgain(client, Number(run))));
    }
    return { holds: released.length, due };
  });
}

async function deliverAgain(client: Parameters<typeof moveRun>[0], run: number): Promise<DueTask[]> {
  await client.query(
    `update tasks set delivery = delivery + 1, absent_sweeps = 0 where run = $1 and status = 'queued'`,
    [run],
  );
  const rows = await query<DueTaskRow>(
    client,
    `select ${DUE_TASK_COLUMNS} from tasks t join runs r on r.run = t.run
      where t.run = $1 and t.status = 'queued' order by t.kind, t.number`,
    [run],
  );
  return rows.map(toDueTask);
}
