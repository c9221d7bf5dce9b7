import type { Pool } from 'pg';

/** The server a sink writes to, and where in it. */
export interface SinkDatabase {
  /** The connection's name in the configuration, for messages. */
  readonly connection: string;
  readonly schema: string;
  readonly pool: Pool;
}
