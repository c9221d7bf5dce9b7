import { isShardLane, LANES } from '@reindeer/core';
import { type Ledger, query, transaction } from '../ledger.ts';
import { moveRun } from './moveRun.ts';
import { settleIdle } from './settleIdle.ts';

/**
 * Ends the open runs that work in place on a generation which is live no more: they stop at their next checkpoint, and
 * end as `cancelled` with the reason `superseded`. Repeatable. @returns the runs that were told to.
 */
export async function supersedeInPlaceRuns(ledger: Ledger): Promise<readonly number[]> {
  const outdated = await query<{ run: string }>(
    ledger,
    `select r.run from runs r join generations g on g.generation = r.generation
      where r.finished_at is null and r.status <> 'cancelling' and r.lane = any($1)
        and case when coalesce(r.options -> 'generation', 'null') = 'null' then g.state <> 'live'
                 else g.state in ('dropping', 'dropped') end
      order by r.run`,
    [LANES.filter(isShardLane)],
  );
  const told: number[] = [];
  for (const { run } of outdated) {
    await transaction(ledger, async (client) => {
      const status = await moveRun(client, Number(run), 'cancel-asked', { reason: 'superseded' });
      if (status === null) return;
      await client.query(
        `update tasks set status = 'cancelled', owner = null, claim_token = null, finished_at = now()
          where run = $1 and status = 'queued'`,
        [run],
      );
      await settleIdle(client, Number(run));
      told.push(Number(run));
    });
  }
  return told;
}
