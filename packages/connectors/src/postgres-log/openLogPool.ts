import type { Pool } from 'pg';
import { openPool, type PoolLimits } from '../postgres/pool.ts';

/**
 * Connections to the log: they may write, as a source's own may not. Its pages are read in the order of its index
 * whatever the planner knows of a table that grows and is emptied all day: a bitmap of all that is left, made for each
 * page, takes 80 ms where the index takes 3. A scan that is off counts as so dear that a server which compiles dear
 * statements would compile each of these, for half a second. Whoever opens the pool ends it.
 */
export function openLogPool(url: string, limits: PoolLimits = {}): Pool {
  return openPool(
    url,
    {
      enable_bitmapscan: 'off',
      enable_seqscan: 'off',
      jit: 'off',
      synchronous_commit: 'local',
      idle_in_transaction_session_timeout: '60000',
    },
    { applicationName: 'reindeer log', ...limits },
  );
}
