import type { PoolClient } from 'pg';
import { type Ledger, query } from '../ledger.ts';

/**
 * Notes requested keys anew that a transaction of another database noted: this one's counter of transactions has not come so
 * far, so that no snapshot shows them. A ledger that a dump was restored into has such keys, and its consumers have positions
 * of another system, which count as none: every key that is still there is due again. Repeatable. @returns how many there were
 */
export async function noteKeysAnew(on: Ledger | PoolClient): Promise<number> {
  const noted = await query(
    on,
    `update requested_keys set xid = pg_current_xact_id() where xid >= pg_snapshot_xmax(pg_current_snapshot()) returning 1`,
  );
  return noted.length;
}
