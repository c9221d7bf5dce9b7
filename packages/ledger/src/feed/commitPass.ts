import type { RunStatus, Tally } from '@reindeer/core';
import type { PoolClient } from 'pg';
import { type Ledger, query, transaction } from '../ledger.ts';
import { type DocumentFailure, recordFailures } from '../task/checkpointSlice.ts';
import { setTally, tallyValues } from '../task/tallyColumns.ts';
import type { TaskId } from '../task/task.ts';
import { lostClaim } from '../ticket/drawTicket.ts';
import type { StoredPosition } from './position.ts';

export interface PassEnd extends PassTotals {
  /** The ledger's time when it began. */
  readonly at: string;
  readonly targets: readonly {
    readonly generation: number;
    /** Its position when the pass began: it moves only if it is still that. */
    readonly from: StoredPosition;
    readonly incarnation: string;
  }[];
  /** The snapshot of the source that was applied. */
  readonly upTo: StoredPosition;
  /** The snapshot of the ledger whose requested keys were applied; null: there were none, and the positions stay. */
  readonly requested: string | null;
  /** Why every target owes a refresh now. */
  readonly owed: readonly string[];
}

/** What the feed's slice has done, in absolute totals, and what it could not do since the last time. */
export interface PassTotals {
  readonly tally: Tally;
  readonly bytes: number;
  readonly failures: readonly DocumentFailure[];
}

/**
 * Ends a pass: every page of it is acknowledged. In one transaction under the claim's token each target's position moves,
 * if it is still what it was, and what no key could say is owed (rules 3, 9). The same again changes nothing.
 * @throws RefusedError `lost-claim`
 */
export async function commitPass(ledger: Ledger, task: TaskId & { token: string }, pass: PassEnd): Promise<RunStatus> {
  // Nearly always: one statement, which is a transaction by itself.
  if (pass.owed.length === 0 && pass.failures.length === 0) return (await movePositions(ledger, task, pass)).status;
  return transaction(ledger, async (client) => {
    const { status, moved } = await movePositions(client, task, pass);
    if (pass.failures.length > 0) await recordFailures(client, task, pass.failures);
    for (const generation of moved)
      for (const cause of pass.owed) await client.query(`select owe_refresh($1, $2)`, [generation, cause]);
    return status;
  });
}

/** @returns the targets whose position has moved. */
async function movePositions(
  on: Ledger | PoolClient,
  task: TaskId & { token: string },
  pass: PassEnd,
): Promise<{ readonly status: RunStatus; readonly moved: readonly number[] }> {
  const { sql, values } = totalsOf(task, pass, null);
  const next = values.length + 1;
  const [row] = await query<{ status: RunStatus; moved: string[] }>(
    on,
    `with task as (${sql}), moved as (
       update consumers c
          set position = $${next}, passed_at = $${next + 1}, incarnation = t.incarnation,
              trouble = null, troubled_since = null, retry_at = null,
              echo_to = coalesce(c.echo_to, $${next}), echo_at = case when c.echo_to is null then now() else c.echo_at end
         from task, unnest($${next + 3}::bigint[], $${next + 4}::text[], $${next + 5}::text[]) as t (generation, began, incarnation)
        where c.generation = t.generation and c.log = 'source' and c.position = t.began::jsonb and c.invalid_at is null
        returning c.generation
     ), requested as (
       update consumers c set position = jsonb_build_object('system', ledger_system(), 'at', $${next + 2}::text)
         from moved where c.generation = moved.generation and c.log = 'requested' and $${next + 2}::text is not null
     )
     select task.status, array(select generation::text from moved order by generation) as moved from task`,
    [
      ...values,
      JSON.stringify(pass.upTo),
      pass.at,
      pass.requested,
      pass.targets.map(({ generation }) => generation),
      pass.targets.map(({ from }) => JSON.stringify(from)),
      pass.targets.map(({ incarnation }) => incarnation),
    ],
  );
  if (row === undefined) throw lostClaim(task);
  return { status: row.status, moved: row.moved.map(Number) };
}

/** Notes how far a long pass has come, for whoever takes it on. @throws RefusedError `lost-claim` */
export async function notePass(
  ledger: Ledger,
  task: TaskId & { token: string },
  totals: PassTotals,
  left: string,
): Promise<RunStatus> {
  return transaction(ledger, async (client) => {
    const { sql, values } = totalsOf(task, totals, left);
    const [row] = await query<{ status: RunStatus }>(client, sql, values);
    if (row === undefined) throw lostClaim(task);
    if (totals.failures.length > 0) await recordFailures(client, task, totals.failures);
    return row.status;
  });
}

/** Gives the run's status, and no row when the claim is lost. */
function totalsOf(
  task: TaskId & { token: string },
  { tally, bytes }: PassTotals,
  left: string | null,
): { readonly sql: string; readonly values: readonly unknown[] } {
  return {
    sql: `update tasks t
        set cursor = $5, checkpoint = t.checkpoint + case when $5::jsonb is null then 1 else 0 end,
            bytes = $6, ${setTally(7)}, attempts = 0, error = null, failing_since = null, progressed_at = now()
       from runs r
      where t.run = $1 and t.kind = $2 and t.number = $3 and t.claim_token = $4 and t.status = 'running' and r.run = t.run
      returning r.status`,
    values: [
      task.run,
      task.kind,
      task.number,
      task.token,
      left === null ? null : JSON.stringify([left]),
      bytes,
      ...tallyValues(tally),
    ],
  };
}
