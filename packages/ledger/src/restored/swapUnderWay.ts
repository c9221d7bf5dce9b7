import type { PoolClient } from 'pg';
import { type Ledger, query } from '../ledger.ts';

/** Whether an open run is about to record that it made this generation live: the sink then knows more than the ledger only for a moment. */
export async function swapUnderWay(on: Ledger | PoolClient, index: string, generation: string): Promise<boolean> {
  const rows = await query(
    on,
    `select from runs r join generations g on g.generation = r.generation
      where r.index = $1 and r.finished_at is null and r.phase = 'promoting' and g.name = $2 limit 1`,
    [index, generation],
  );
  return rows.length > 0;
}
