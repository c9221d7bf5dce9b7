import type { Pool } from 'pg';
import { openPool, type PoolLimits } from '../postgres/pool.ts';

export const STATEMENT_TIMEOUT_MS = 120_000;

const SETTINGS = {
  timezone: 'UTC',
  // Every name is qualified; and the server prints a view's definition by this path, so it must not change.
  search_path: 'pg_catalog',
  // A lock held longer is an answer (`busy`), not a hang.
  lock_timeout: '5s',
  statement_timeout: `${STATEMENT_TIMEOUT_MS}ms`,
  idle_in_transaction_session_timeout: '60s',
  // I2: what is acknowledged outlives a crash, also where the server's default says otherwise.
  synchronous_commit: 'on',
};

/** Connections on which documents are written: every sink of a server can share them. Whoever opens the pool ends it. */
export function openSinkPool(url: string, limits: PoolLimits = {}): Pool {
  return openPool(url, SETTINGS, { applicationName: 'reindeer sink', ...limits });
}
