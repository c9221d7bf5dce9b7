import { makeLive } from '../generation/makeLive.ts';
import { releaseByPromotion } from '../hold/sourceReplaced.ts';
import { type Ledger, query, transaction } from '../ledger.ts';
import type { TaskId } from '../task/task.ts';
import { lostClaim } from '../ticket/drawTicket.ts';
import { moveRun } from './moveRun.ts';

export interface Promotion {
  readonly generation: number;
  readonly epoch: number;
  readonly documents: number;
  /** It holds all that changed until a moment ago. */
  readonly caughtUp: boolean;
  /** Why a refresh is owed on every shard of it; null: none is. */
  readonly owed: string | null;
  /** How long the generation before is kept current. */
  readonly soakMs: number;
}

/**
 * Records a swap that the sink has made: the generation is live with its epoch, the one before is retained and soaks, the
 * run is completed. Under the finish task's token; repeatable.
 */
export async function recordPromotion(
  ledger: Ledger,
  finish: TaskId & { token: string },
  promotion: Promotion,
): Promise<void> {
  await transaction(ledger, async (client) => {
    await client.query(`select 1 from runs where run = $1 for no key update`, [finish.run]);
    const held = await query<{ index: string }>(
      client,
      `update tasks t set status = 'completed', finished_at = now(), owner = null from runs r
        where t.run = $1 and t.kind = 'finish' and t.claim_token = $2 and t.status = 'running' and r.run = t.run
        returning r.index`,
      [finish.run, finish.token],
    );
    const index = held[0]?.index;
    if (index === undefined) throw lostClaim(finish);
    await releaseByPromotion(client, { run: finish.run, index, generation: promotion.generation });
    await makeLive(client, { index, ...promotion });
    if (promotion.owed !== null)
      await client.query(`select owe_refresh($1, $2)`, [promotion.generation, promotion.owed]);
    await client.query(`update runs set caught_up = $2 where run = $1`, [finish.run, promotion.caughtUp]);
    await moveRun(client, finish.run, 'completed');
  });
}
