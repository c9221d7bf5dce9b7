import type { RunStatus, Waiting } from '@reindeer/core';
import { type Ledger, query, transaction } from '../ledger.ts';
import { settleIdle } from '../run/settleIdle.ts';
import { storableText } from '../storableText.ts';
import type { TaskId } from './task.ts';

/**
 * Gives a task back: after a turn, a drain, a pause or a cancellation (`failure` null: no attempt is counted), or after
 * a failure that will be tried again (attempts + 1). It is due after `delayMs`, by the ledger's clock, under the same
 * delivery, so the worker gives the job itself back too. `waitsFor`: what keeps it, for whoever looks at the run.
 * `quiet`: every request of its owner was answered; otherwise some may still be under way (rule 9).
 * @returns the run's status, or null when the claim was lost already.
 */
export async function handBack(
  ledger: Ledger,
  task: TaskId & { token: string },
  back: { delayMs: number; failure: { error: string } | null; waitsFor?: Waiting | null; quiet?: boolean },
): Promise<RunStatus | null> {
  const error = back.failure === null ? null : storableText(back.failure.error);
  return transaction(ledger, async (client) => {
    const [run] = await query<{ status: RunStatus }>(
      client,
      `select status from runs where run = $1 for no key update`,
      [task.run],
    );
    const rows = await query(
      client,
      `update tasks
          set status = 'queued', owner = null, claim_token = null, absent_sweeps = 0,
              not_before = now() + $5 * interval '1 millisecond',
              attempts = attempts + case when $6::text is null then 0 else 1 end,
              failing_since = case when $6::text is null then failing_since else coalesce(failing_since, now()) end,
              error = coalesce($6, error), waits_for = $7, let_go_at = case when $8 then let_go_at else now() end
        where run = $1 and kind = $2 and number = $3 and claim_token = $4 and status = 'running' returning 1`,
      [
        task.run,
        task.kind,
        task.number,
        task.token,
        back.delayMs,
        error,
        back.waitsFor == null ? null : JSON.stringify(back.waitsFor),
        back.quiet ?? false,
      ],
    );
    if (rows.length === 0 || run === undefined) return null;
    return (await settleIdle(client, task.run)) ?? run.status;
  });
}
