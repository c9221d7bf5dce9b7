import { isOpen, type RunEvent, type RunStatus, transitionStatus } from '@reindeer/core';
import type { PoolClient } from 'pg';
import { query } from '../ledger.ts';

/**
 * Applies an event to a run's status by core's table: the only place where a run's status changes.
 * The transaction that ends a run also gives back its places (I5) and voids what is left of its tasks.
 * @returns the new status, or null when the event is not legal now, and nothing was changed.
 */
export async function moveRun(
  client: PoolClient,
  run: number,
  event: RunEvent,
  ending: { reason?: string; error?: string } = {},
): Promise<RunStatus | null> {
  // No stronger lock: whoever writes failures holds a task and then asks for a share of the run's key.
  const [row] = await query<{ status: RunStatus }>(client, `select status from runs where run = $1 for no key update`, [
    run,
  ]);
  if (row === undefined) return null;
  const next = transitionStatus(row.status, event);
  if (next === null) return null;
  if (next === row.status) return next;
  const ends = !isOpen(next);
  await client.query(
    `update runs
        set status = $2,
            started_at = case when $2 = 'running' then coalesce(started_at, now()) else started_at end,
            finished_at = case when $3 then now() end,
            -- A cancellation that came after the swap ended nothing.
            reason = coalesce($4, case when ($3 and $2 <> 'completed') or $2 = 'cancelling' then reason end),
            error = $5
      where run = $1`,
    [run, next, ends, ending.reason ?? null, ending.error ?? null],
  );
  if (ends) await endRun(client, run, next);
  return next;
}

async function endRun(client: PoolClient, run: number, status: RunStatus): Promise<void> {
  await client.query(`delete from run_places where run = $1`, [run]);
  await client.query(
    `update tasks set left_at = case when status = 'running' then now() else left_at end,
            status = 'cancelled', claim_token = null, owner = null, finished_at = now()
      where run = $1 and status in ('queued', 'running')`,
    [run],
  );
  if (status !== 'completed') {
    await client.query(`update generations set state = 'failed' where run = $1 and state = 'building'`, [run]);
  }
}
