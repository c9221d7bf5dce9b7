import type { Reason } from '@reindeer/core';
import { type Ledger, query, transaction } from '../ledger.ts';
import { moveRun } from '../run/moveRun.ts';
import { storableText } from '../storableText.ts';
import type { TaskId } from './task.ts';

/** A task's final failure ends its run, with the reason and an error that names the remedy. False: the claim was lost. */
export async function failTask(
  ledger: Ledger,
  task: TaskId & { token: string },
  failure: { reason: Reason; error: string },
): Promise<boolean> {
  const error = storableText(failure.error);
  return transaction(ledger, async (client) => {
    await client.query(`select 1 from runs where run = $1 for no key update`, [task.run]);
    const rows = await query(
      client,
      `update tasks set status = 'failed', owner = null, error = $5, finished_at = now(), left_at = now()
        where run = $1 and kind = $2 and number = $3 and claim_token = $4 and status in ('running', 'completed') returning 1`,
      [task.run, task.kind, task.number, task.token, error],
    );
    if (rows.length === 0) return false;
    await moveRun(client, task.run, 'task-failed', { reason: failure.reason, error });
    return true;
  });
}
