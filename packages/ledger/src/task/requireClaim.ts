import type { PoolClient } from 'pg';
import { query } from '../ledger.ts';
import { lostClaim } from '../ticket/drawTicket.ts';
import type { TaskId } from './task.ts';

/** Locks the task's run, and sees that the claim is still held (I3). @throws RefusedError `lost-claim`. */
export async function requireClaim(client: PoolClient, task: TaskId & { token: string }): Promise<void> {
  await client.query(`select 1 from runs where run = $1 for no key update`, [task.run]);
  const held = await query(
    client,
    `select 1 from tasks where run = $1 and kind = $2 and number = $3 and claim_token = $4 and status = 'running'`,
    [task.run, task.kind, task.number, task.token],
  );
  if (held.length === 0) throw lostClaim(task);
}
