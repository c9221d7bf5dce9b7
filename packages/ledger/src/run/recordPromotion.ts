import { releaseByPromotion } from '../hold/sourceReplaced.ts';
import { type Ledger, query, transaction } from '../ledger.ts';
import type { TaskId } from '../task/task.ts';
import { lostClaim } from '../ticket/drawTicket.ts';
import { moveRun } from './moveRun.ts';

/**
 * Records a swap that the sink has made: the generation is live with its epoch, the one before is retained, the run is
 * completed. Where changes are not followed, a refresh is owed for every shard (rule 10): what was written to the
 * source during the rebuild may be missing. Under the finish task's token; repeatable.
 */
export async function recordPromotion(
  ledger: Ledger,
  finish: TaskId & { token: string },
  promotion: { generation: number; epoch: number; documents: number; caughtUp: boolean },
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
    await client.query(
      `update generations set state = 'retained', retired_at = now()
        where index = $1 and state = 'live' and generation <> $2`,
      [index, promotion.generation],
    );
    await client.query(
      `update generations set state = 'live', epoch = $2, documents = $3, promoted_at = now() where generation = $1`,
      [promotion.generation, promotion.epoch, promotion.documents],
    );
    if (!promotion.caughtUp) {
      await client.query(
        `insert into owed_refreshes (index, generation, shard, cause)
         select $1, g.generation, s, 'changes-not-followed'
           from generations g, generate_series(0, jsonb_array_length(g.shard_bounds)) s
          where g.generation = $2 on conflict do nothing`,
        [index, promotion.generation],
      );
    }
    await client.query(`update runs set caught_up = $2 where run = $1`, [finish.run, promotion.caughtUp]);
    await moveRun(client, finish.run, 'completed');
  });
}
