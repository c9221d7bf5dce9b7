import type { PoolClient } from 'pg';
import { type Ledger, query, transaction } from '../ledger.ts';
import { moveRun } from '../run/moveRun.ts';
import { DUE_TASK_COLUMNS, type DueTaskRow, toDueTask } from '../task/dueTask.ts';
import type { DueTask } from '../task/task.ts';
import { HOLDS_RUN, type HoldScope, RUNS_IN_SCOPE } from './setHold.ts';

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
    // Runs are locked before holds are looked at: a hold that is set meanwhile is seen, or sees the runs go on.
    await client.query(
      `select 1 from runs r where r.finished_at is null and ${RUNS_IN_SCOPE} order by r.run for no key update`,
      [scope.index, scope.lane, scope.run],
    );
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
          and not exists (select 1 from holds h where ${HOLDS_RUN})
        order by r.run for no key update`,
      [scope.index, scope.lane, scope.run],
    );
    return { holds: released.length, due: await goOn(client, runs) };
  });
}

/**
 * Lets runs go on that pause although no hold is on them: a hold may be set at the very moment at which it is released.
 * @returns their tasks, which must be delivered
 */
export async function resumeUnheld(ledger: Ledger): Promise<readonly DueTask[]> {
  const unheld = `r.status in ('pausing', 'paused') and not exists (select 1 from holds h where ${HOLDS_RUN})`;
  const seen = await query<{ run: string }>(ledger, `select r.run from runs r where ${unheld}`);
  if (seen.length === 0) return [];
  return transaction(ledger, async (client) => {
    const these = seen.map(({ run }) => run);
    await client.query(`select 1 from runs where run = any($1) order by run for no key update`, [these]);
    const runs = await query<{ run: string }>(
      client,
      `select r.run from runs r where r.run = any($1) and ${unheld} order by r.run`,
      [these],
    );
    return goOn(client, runs);
  });
}

async function goOn(client: PoolClient, runs: readonly { run: string }[]): Promise<DueTask[]> {
  const due: DueTask[] = [];
  for (const { run } of runs) {
    if ((await moveRun(client, Number(run), 'resume-asked')) === null) continue;
    due.push(...(await deliverAgain(client, Number(run))));
  }
  return due;
}

async function deliverAgain(client: PoolClient, run: number): Promise<DueTask[]> {
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
