import { type Key, type RunPhase, transitionPhase } from '@reindeer/core';
import type { PoolClient } from 'pg';
import { type Ledger, query, transaction } from '../ledger.ts';
import { moveToFinish } from '../run/moveToFinish.ts';
import { lostClaim } from '../ticket/drawTicket.ts';
import { DUE_TASK_COLUMNS, type DueTaskRow, toDueTask } from './dueTask.ts';
import type { DueTask, SliceWork, TaskId } from './task.ts';

export interface PlannedSlice {
  readonly number: number;
  readonly shard: number;
  /** Default `rows`. */
  readonly work?: SliceWork;
  readonly after: Key | null;
  readonly upTo: Key | null;
  readonly estimate: number;
}

export interface LastSlice {
  readonly number: number;
  readonly shard: number;
  readonly upTo: Key | null;
  /** Slices of that shard so far. */
  readonly inShard: number;
}

/** The last slice planned so far, from which a planner that takes over goes on. */
export async function lastPlannedSlice(ledger: Ledger, run: number): Promise<LastSlice | null> {
  const [row] = await query<{ number: number; shard: number; up_to: Key | null; in_shard: number }>(
    ledger,
    `select number, shard, up_to, (count(*) over (partition by shard))::int as in_shard
       from tasks where run = $1 and kind = 'slice' order by number desc limit 1`,
    [run],
  );
  return row === undefined ? null : { number: row.number, shard: row.shard, upTo: row.up_to, inShard: row.in_shard };
}

/** Adds slices under the planner's token. @throws RefusedError `lost-claim`. */
export async function addSlices(
  ledger: Ledger,
  plan: TaskId & { token: string },
  slices: readonly PlannedSlice[],
): Promise<readonly DueTask[]> {
  return transaction(ledger, async (client) => {
    await client.query(`select 1 from runs where run = $1 for no key update`, [plan.run]);
    const held = await query(
      client,
      `update tasks set progressed_at = now()
        where run = $1 and kind = 'plan' and number = 0 and claim_token = $2 and status = 'running' returning 1`,
      [plan.run, plan.token],
    );
    if (held.length === 0) throw lostClaim(plan);
    const due = await insertSlices(client, plan.run, slices);
    const [phase] = await query<{ phase: RunPhase }>(client, `select phase from runs where run = $1`, [plan.run]);
    const building = phase === undefined ? null : transitionPhase(phase.phase, 'planned');
    if (building !== null) await client.query(`update runs set phase = $2 where run = $1`, [plan.run, building]);
    return due;
  });
}

/** Inserts slices under a lock of their run. @returns what is to be delivered of them. */
export async function insertSlices(
  client: PoolClient,
  run: number,
  slices: readonly PlannedSlice[],
): Promise<readonly DueTask[]> {
  await client.query(
    `insert into tasks (run, kind, number, shard, work, after, up_to, estimate)
     select $1, 'slice', s.number, s.shard, coalesce(s.work, 'rows'), nullif(s.after, 'null'), nullif(s.up_to, 'null'), s.estimate
       from jsonb_to_recordset($2::jsonb) as s(number int, shard int, work text, after jsonb, up_to jsonb, estimate bigint)
      order by s.number`,
    [run, JSON.stringify(slices.map((slice) => ({ ...slice, up_to: slice.upTo })))],
  );
  const rows = await query<DueTaskRow>(
    client,
    `select ${DUE_TASK_COLUMNS} from tasks t join runs r on r.run = t.run
      where t.run = $1 and t.kind = 'slice' and t.number = any($2) order by t.number`,
    [run, slices.map((slice) => slice.number)],
  );
  return rows.map(toDueTask);
}

/** All slices are there. @returns the finish task, when they are also all done. @throws RefusedError `lost-claim`. */
export async function completePlan(ledger: Ledger, plan: TaskId & { token: string }): Promise<DueTask | null> {
  return transaction(ledger, async (client) => {
    await client.query(`select 1 from runs where run = $1 for no key update`, [plan.run]);
    const held = await query(
      client,
      `update tasks set status = 'completed', finished_at = coalesce(finished_at, now()), owner = null
        where run = $1 and kind = 'plan' and number = 0 and claim_token = $2 and status in ('running', 'completed') returning 1`,
      [plan.run, plan.token],
    );
    if (held.length === 0) throw lostClaim(plan);
    await client.query(`update runs set planned_at = coalesce(planned_at, now()) where run = $1`, [plan.run]);
    return moveToFinish(client, plan.run);
  });
}

/** Rows expected, as the planner found them. */
export async function setExpected(
  ledger: Ledger,
  run: number,
  expected: { documents: number; exact: boolean },
): Promise<void> {
  await query(ledger, `update runs set expected = $2, expected_exact = $3 where run = $1`, [
    run,
    expected.documents,
    expected.exact,
  ]);
}
