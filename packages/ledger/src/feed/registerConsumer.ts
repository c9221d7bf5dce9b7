import { type Ledger, query, transaction } from '../ledger.ts';
import { requireClaim } from '../task/requireClaim.ts';
import type { TaskId } from '../task/task.ts';
import type { StoredPosition } from './position.ts';

type Planner = TaskId & { token: string };

/**
 * Registers a generation that is to be built as a consumer of both logs, before anything of it is read: nothing above
 * `position` is pruned from now on (rule 7). It joins the feed later. Repeatable: what is registered stays as it is.
 */
export async function registerConsumer(
  ledger: Ledger,
  plan: Planner,
  generation: number,
  position: StoredPosition,
): Promise<void> {
  await transaction(ledger, async (client) => {
    await requireClaim(client, plan);
    await client.query(
      `insert into consumers (generation, log, position, echoed)
       select $1, l.log, l.position, l.position
         from (values ('source', $2::jsonb),
                      ('requested', jsonb_build_object('system', ledger_system(), 'at', pg_current_snapshot()::text))) as l (log, position)
       on conflict do nothing`,
      [generation, JSON.stringify(position)],
    );
  });
}

/**
 * Where a generation starts: a position that was taken after it was registered, so that no pruning can have passed it.
 * @returns false when it has one already: it was read from then on
 */
export async function setStartPosition(
  ledger: Ledger,
  plan: Planner,
  generation: number,
  position: StoredPosition,
): Promise<boolean> {
  return transaction(ledger, async (client) => {
    await requireClaim(client, plan);
    const set = await query(
      client,
      `update generations set start_position = $2 where generation = $1 and start_position is null returning 1`,
      [generation, JSON.stringify(position)],
    );
    if (set.length === 0) return false;
    await client.query(
      `update consumers set position = $2, echoed = $2 where generation = $1 and log = 'source' and joined_at is null`,
      [generation, JSON.stringify(position)],
    );
    return true;
  });
}
