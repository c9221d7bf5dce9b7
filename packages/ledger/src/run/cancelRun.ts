import type { RunStatus } from '@reindeer/core';
import { type Ledger, query, transaction } from '../ledger.ts';
import { moveRun } from './moveRun.ts';
import { settleIdle } from './settleIdle.ts';

/**
 * Asks a run to stop: tasks that wait are cancelled now, those that run at their next checkpoint. `force` does not wait
 * for them: their claims are void at once.
 * @returns the status it has now, or null when the run does not exist or has ended.
 */
export async function cancelRun(ledger: Ledger, run: number, force: boolean): Promise<RunStatus | null> {
  return transaction(ledger, async (client) => {
    const status = await moveRun(client, run, 'cancel-asked', { reason: 'cancelled' });
    if (status === null) return null;
    await query(
      client,
      `update tasks set left_at = case when status = 'running' then now() else left_at end,
              status = 'cancelled', owner = null, claim_token = null, finished_at = now()
        where run = $1 and (status = 'queued' or ($2 and status = 'running'))`,
      [run, force],
    );
    return (await settleIdle(client, run)) ?? status;
  });
}
