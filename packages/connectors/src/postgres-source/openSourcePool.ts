import type { Pool } from 'pg';
import { openPool, type PoolLimits } from '../postgres/pool.ts';
import { SESSION_SETTINGS } from './sessionSettings.ts';

/** Connections on which rows are read: every source of a server can share them. Whoever opens the pool ends it. */
export function openSourcePool(url: string, limits: PoolLimits = {}): Pool {
  return openPool(url, SESSION_SETTINGS, { applicationName: 'reindeer source', ...limits });
}
