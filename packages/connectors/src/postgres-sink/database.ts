import type { Pool } from 'pg';
import { openPool } from '../postgres/pool.ts';

/** The server a sink writes to, and where in it. */
export interface SinkDatabase {
  /** The connection's name in the configuration, for messages. */
  readonly connection: string;
  readonly schema: string;
  readonly pool: Pool;
}

export function openSinkDatabase(
  connection: { readonly name: string; readonly url: string },
  schema: string,
  maxConnections: number,
): SinkDatabase {
  const settings = {
    timezone: 'UTC',
    // Every name is qualified; and the server prints a view's definition by this path, so it must not change.
    search_path: 'pg_catalog',
    // A lock held longer is an answer (`busy`), not a hang.
    lock_timeout: '5s',
    statement_timeout: '2min',
    idle_in_transaction_session_timeout: '60s',
    // I2: what is acknowledged outlives a crash, also where the server's default says otherwise.
    synchronous_commit: 'on',
  };
  const pool = openPool(connection.url, settings, { maxConnections, applicationName: 'reindeer sink' });
  return { connection: connection.name, schema, pool };
}
