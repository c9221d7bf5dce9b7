import type { Pool } from 'pg';
import { openPool, type PoolLimits } from '../postgres/pool.ts';

/** Connections that may write to the log, as a source's own may not. Whoever opens the pool ends it. */
export function openLogPool(url: string, limits: PoolLimits = {}): Pool {
  return openPool(
    url,
    { idle_in_transaction_session_timeout: '60000' },
    { applicationName: 'reindeer log', ...limits },
  );
}
