import { type PhaseEvent, type RunPhase, transitionPhase } from '@reindeer/core';
import { type Ledger, query, transaction } from '../ledger.ts';
import type { TaskId } from '../task/task.ts';
import { lostClaim } from '../ticket/drawTicket.ts';

/** Moves a run's phase on by core's table, under the finish task's token. @throws RefusedError `lost-claim`. */
export async function advancePhase(
  ledger: Ledger,
  finish: TaskId & { token: string },
  event: PhaseEvent,
): Promise<RunPhase> {
  return transaction(ledger, async (client) => {
    const [row] = await query<{ phase: RunPhase }>(
      client,
      `select r.phase from runs r join tasks t on t.run = r.run
        where r.run = $1 and t.kind = 'finish' and t.claim_token = $2 and t.status = 'running' for no key update of r`,
      [finish.run, finish.token],
    );
    if (row === undefined) throw lostClaim(finish);
    const next = transitionPhase(row.phase, event);
    if (next === null) return row.phase;
    await client.query(`update runs set phase = $2 where run = $1`, [finish.run, next]);
    return next;
  });
}
