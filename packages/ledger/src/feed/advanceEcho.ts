import { type Ledger, query, transaction } from '../ledger.ts';
import { requireClaim } from '../task/requireClaim.ts';
import type { TaskId } from '../task/task.ts';
import type { StoredPosition } from './position.ts';

/**
 * The deletes up to `to` were sent again: the logs may be pruned below it. What is applied by now is echoed next. The
 * requested keys go along: those that are applied now were so, by then, when the next echo is due.
 * @throws RefusedError `lost-claim`
 */
export async function advanceEcho(
  ledger: Ledger,
  task: TaskId & { token: string },
  generation: number,
  to: StoredPosition,
): Promise<void> {
  await transaction(ledger, async (client) => {
    await requireClaim(client, task);
    const moved = await query(
      client,
      `update consumers set echoed = $2, echo_to = position, echo_at = now(), echo_cursor = null
        where generation = $1 and log = 'source' and echo_to = $2 returning 1`,
      [generation, JSON.stringify(to)],
    );
    if (moved.length === 0) return;
    await client.query(
      `update consumers set echoed = coalesce(echo_to, echoed), echo_to = position where generation = $1 and log = 'requested'`,
      [generation],
    );
  });
}

/** Notes how far the echo up to `to` has come, for whoever goes on with it. A claim that is lost notes nothing. */
export async function noteEcho(
  ledger: Ledger,
  task: TaskId & { token: string },
  generation: number,
  to: StoredPosition,
  cursor: string,
): Promise<void> {
  await query(
    ledger,
    `update consumers c set echo_cursor = $6 from tasks t
      where c.generation = $5 and c.log = 'source' and c.echo_to = $7
        and t.run = $1 and t.kind = $2 and t.number = $3 and t.claim_token = $4 and t.status = 'running'`,
    [task.run, task.kind, task.number, task.token, generation, cursor, JSON.stringify(to)],
  );
}
