import { type ClientBase, Pool } from 'pg';
import { addressOf } from './Address.ts';
import { serverOf } from './serverOf.ts';

export interface PoolLimits {
  /** Connections this process may open. Default 4. */
  readonly maxConnections?: number;
  /** What pg_stat_activity shows. Default `reindeer`. */
  readonly applicationName?: string;
}

/**
 * What a role, a database or a server may have set otherwise, and no statement here is written for: a role that reads is
 * often one whose transactions are read-only, and its log of changes would never be pruned.
 */
const USUAL: Readonly<Record<string, string>> = {
  default_transaction_isolation: 'read committed',
  default_transaction_read_only: 'off',
  default_transaction_deferrable: 'off',
  // Each statement has a limit of its own.
  transaction_timeout: '0',
  // Types are printed with their names, and compared with what was printed before.
  quote_all_identifiers: 'off',
};

/**
 * Opens a pool; connects on first use. `settings` are set on every new connection before it is used (and not as startup
 * options, which connection poolers refuse). A setting that the server does not know is left out.
 */
export function openPool(url: string, settings: Readonly<Record<string, string>>, limits: PoolLimits = {}): Pool {
  const pool = new Pool({
    connectionString: url,
    max: limits.maxConnections ?? 4,
    application_name: limits.applicationName ?? 'reindeer',
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    // A server whose machine is gone is known by this within a minute, however long a statement may take.
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
    // An address that has moved away from a server which goes on working is known by this.
    maxLifetimeSeconds: 300,
    onConnect: async (client) => {
      await pin(client, { ...USUAL, ...settings });
      addressOf(url).met(client, await serverOf(client));
    },
  });
  // A pooled connection that dies while idle would otherwise end the process; the next statement opens another.
  pool.on('error', () => {});
  return pool;
}

/**
 * The server process behind a pooled connection: what a cancellation names. Behind a pooler it differs from the
 * process that the connection's handshake told.
 */
export function backendPid(client: ClientBase): number | undefined {
  return pids.get(client);
}

const pids = new WeakMap<ClientBase, number>();

async function pin(client: ClientBase, settings: Readonly<Record<string, string>>): Promise<void> {
  // The aggregate makes it one row, also when there is nothing to set.
  const answer = await client.query<{ pid: number }>(
    `select pg_backend_pid() as pid, count(set_config(s.name, s.value, false))
       from unnest($1::text[], $2::text[]) as s (name, value)
      where exists (select from pg_catalog.pg_settings as p where lower(p.name) = lower(s.name))`,
    [Object.keys(settings), Object.values(settings)],
  );
  const pid = answer.rows[0]?.pid;
  if (pid !== undefined) pids.set(client, pid);
}
