import { type Ledger, query, transaction } from '../ledger.ts';
import { requireClaim } from '../task/requireClaim.ts';
import type { TaskId } from '../task/task.ts';
import type { StoredPosition } from './position.ts';

/**
 * Lets a generation go on from a position that was taken just now, and owes a refresh on every shard: what changed before
 * that is not known (rule 7: the position first, then the refresh). Requested keys that are still there are all done again.
 * @throws RefusedError `lost-claim`
 */
export async function renewConsumer(
  ledger: Ledger,
  task: TaskId & { token: string },
  generation: number,
  position: StoredPosition,
  cause: string,
): Promise<void> {
  await transaction(ledger, async (client) => {
    await requireClaim(client, task);
    await client.query(
      `insert into consumers (generation, log, position, echoed, joined_at)
       select $1, l.log, l.position, l.position, now()
         from (values ('source', $2::jsonb), ('requested', jsonb_build_object('system', ledger_system(), 'at', '3:3:'))) as l (log, position)
       on conflict (generation, log) do update
          set position = excluded.position, echoed = excluded.echoed, joined_at = now(),
              invalid_at = null, invalid_reason = null, passed_at = null, echo_to = null, echo_at = null, echo_cursor = null`,
      [generation, JSON.stringify(position)],
    );
    await client.query(`update generations set start_position = coalesce(start_position, $2) where generation = $1`, [
      generation,
      JSON.stringify(position),
    ]);
    await client.query(`select owe_refresh($1, $2)`, [generation, cause]);
  });
}

/**
 * Goes back to the position below which all is done with for good: the sink may have lost what it acknowledged since
 * (rule 15). What rebuilds and refreshes wrote is in no log, so that a refresh is owed. @throws RefusedError `lost-claim`
 */
export async function rewindConsumer(
  ledger: Ledger,
  task: TaskId & { token: string },
  generation: number,
  incarnation: string,
): Promise<void> {
  await transaction(ledger, async (client) => {
    await requireClaim(client, task);
    await client.query(
      `update consumers set position = echoed, incarnation = $2, passed_at = null, echo_to = null, echo_at = null,
              echo_cursor = null, joined_at = case when joined_at is not null then now() end
        where generation = $1`,
      [generation, incarnation],
    );
    await client.query(`select owe_refresh($1, 'sink-failed-over')`, [generation]);
    // What a pass that was left had written may be lost with the rest.
    await client.query(`update tasks set cursor = null where run = $1 and kind = $2 and number = $3`, [
      task.run,
      task.kind,
      task.number,
    ]);
  });
}

/**
 * Gives up a consumer that is too far behind, or whose log is gone (rule 7): a live one goes on from a new position with
 * the feed's next pass; any other is not kept current any more, nor is one that is gone. @returns false when it was given up already.
 */
export async function giveUpConsumer(ledger: Ledger, generation: number, reason: string): Promise<boolean> {
  return transaction(ledger, async (client) => {
    const [row] = await query<{ state: string }>(
      client,
      `select state from generations where generation = $1 and stale_reason is null for no key update`,
      [generation],
    );
    if (row === undefined) return false;
    if (row.state === 'live' && reason !== 'generation-gone') {
      const given = await query(
        client,
        `update consumers set invalid_at = now(), invalid_reason = $2
          where generation = $1 and log = 'source' and invalid_at is null returning 1`,
        [generation, reason],
      );
      return given.length > 0;
    }
    await client.query(`update generations set stale_reason = $2 where generation = $1`, [generation, reason]);
    await client.query(`delete from consumers where generation = $1`, [generation]);
    return true;
  });
}
