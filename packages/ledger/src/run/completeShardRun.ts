import { type Ledger, query, transaction } from '../ledger.ts';
import type { TaskId } from '../task/task.ts';
import { lostClaim } from '../ticket/drawTicket.ts';
import { moveRun } from './moveRun.ts';

/**
 * Completes a refresh or verify under its finish task's token. A refresh of a whole shard discharges what was owed on it
 * before the run was opened (rule 9). @returns how many it discharged.
 */
export async function completeShardRun(
  ledger: Ledger,
  finish: TaskId & { token: string },
  discharges: boolean,
): Promise<number> {
  return transaction(ledger, async (client) => {
    await client.query(`select 1 from runs where run = $1 for no key update`, [finish.run]);
    const held = await query(
      client,
      `update tasks set status = 'completed', finished_at = now(), owner = null
        where run = $1 and kind = 'finish' and claim_token = $2 and status = 'running' returning 1`,
      [finish.run, finish.token],
    );
    if (held.length === 0) throw lostClaim(finish);
    const discharged = discharges
      ? await query(
          client,
          `update owed_refreshes o set discharged_at = now(), discharged_by = r.run from runs r
            where r.run = $1 and o.generation = r.generation and o.shard = r.shard
              and o.discharged_at is null and o.created_at < r.created_at returning 1`,
          [finish.run],
        )
      : [];
    await moveRun(client, finish.run, 'completed');
    return discharged.length;
  });
}
