import type { RunStatus } from '@reindeer/core';
import type { PoolClient } from 'pg';
import { query } from '../ledger.ts';
import { moveRun } from './moveRun.ts';

/** A run that is pausing or cancelling and has nothing running any more becomes paused or cancelled. */
export async function settleIdle(client: PoolClient, run: number): Promise<RunStatus | null> {
  const [busy] = await query(
    client,
    `select 1 from runs r where r.run = $1
        and (r.status not in ('pausing', 'cancelling')
             or exists (select 1 from tasks t where t.run = $1 and t.status = 'running'))`,
    [run],
  );
  return busy === undefined ? moveRun(client, run, 'all-idle') : null;
}
