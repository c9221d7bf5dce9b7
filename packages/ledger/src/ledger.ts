import { Pool, type PoolClient, type QueryResultRow } from 'pg';

/** A handle on the ledger's database. All statements run in its schema. */
export interface Ledger {
  readonly pool: Pool;
  readonly schema: string;
  close(): Promise<void>;
}

export interface LedgerOptions {
  /** postgres://… */
  readonly url: string;
  /** Default `reindeer`. */
  readonly schema?: string;
  /** Connections this process may open. Default 5. More lets more slices checkpoint at once; fewer spares the server. */
  readonly maxConnections?: number;
  readonly applicationName?: string;
}

/** Opens a pool; connects on first use. Every session is pinned to UTC (I10). */
export function openLedger(options: LedgerOptions): Ledger {
  const schema = options.schema ?? 'reindeer';
  const pool = new Pool({
    connectionString: options.url,
    max: options.maxConnections ?? 5,
    application_name: options.applicationName ?? 'reindeer',
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
    options: sessionOptions(schema),
  });
  // A pooled connection that dies while idle would otherwise end the process; the next query opens another.
  pool.on('error', () => {});
  return { pool, schema, close: () => pool.end() };
}

/** Rows of one statement. */
export async function query<R extends QueryResultRow>(
  on: Ledger | PoolClient,
  text: string,
  values: readonly unknown[] = [],
): Promise<R[]> {
  const client = 'pool' in on ? on.pool : on;
  return (await client.query<R>(text, values as unknown[])).rows;
}

/** One short transaction; rolled back when `work` throws. */
export async function transaction<T>(ledger: Ledger, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await ledger.pool.connect();
  let broken = false;
  // A connection that dies is told to its statement, and as an event too, which would end the process unheard.
  const onError = () => {
    broken = true;
  };
  client.on('error', onError);
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => {
      broken = true;
    });
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * How every session of the ledger is set up, whatever its role or database has set: its schema, UTC, transactions as its
 * statements are written for, and limits, so that no statement waits for ever (I8).
 */
export function sessionOptions(schema: string): string {
  return [
    `-c search_path=${escapeOption(quoteIdentifier(schema))}`,
    '-c timezone=UTC',
    `-c default_transaction_isolation=${escapeOption('read committed')}`,
    '-c default_transaction_read_only=off',
    '-c statement_timeout=30000',
    '-c idle_in_transaction_session_timeout=15000',
  ].join(' ');
}

function escapeOption(value: string): string {
  return value.replace(/[\\ ]/g, (character) => `\\${character}`);
}
