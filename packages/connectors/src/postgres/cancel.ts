import { Client, type Pool, type PoolClient } from 'pg';
import { backendPid } from './pool.ts';

/** After the cancellation is asked for, how long the server may take to obey before the connection is dropped. */
const OBEY_MS = 3_000;
/** How much later than the server the client gives up by itself: the network may be gone. */
const GRACE_MS = 5_000;
/** How long the connection that asks for the cancellation may take, to be made and to be answered. */
const ASK_MS = 2_000;

/** Watches over one statement: cancels it on abort or when overdue, and drops the connection when even that does not end it. */
export class StatementGuard {
  /** The connection was cut; it must not go back to the pool. */
  dropped = false;
  readonly #pool: Pool;
  readonly #client: PoolClient;
  readonly #signal: AbortSignal;
  readonly #onAbort = () => this.#stop();
  #overdue: NodeJS.Timeout | undefined;
  #obey: NodeJS.Timeout | undefined;
  #asking: Promise<void> | undefined;

  constructor(pool: Pool, client: PoolClient, timeoutMs: number, signal: AbortSignal) {
    this.#pool = pool;
    this.#client = client;
    this.#signal = signal;
    signal.addEventListener('abort', this.#onAbort, { once: true });
    this.limit(timeoutMs);
  }

  /** From now on the statement under way has this long; 0: any time. */
  limit(timeoutMs: number): void {
    clearTimeout(this.#overdue);
    this.#overdue = timeoutMs > 0 ? setTimeout(this.#onAbort, timeoutMs + GRACE_MS) : undefined;
  }

  /** Resolves when no cancellation is under way any more: a late one would strike the connection's next statement. */
  async end(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#onAbort);
    clearTimeout(this.#overdue);
    clearTimeout(this.#obey);
    await this.#asking;
  }

  #stop(): void {
    if (this.#asking !== undefined) return;
    this.#obey = setTimeout(() => this.#drop(), OBEY_MS);
    this.#asking = cancelBackend(this.#pool, backendPid(this.#client));
  }

  #drop(): void {
    this.dropped = true;
    // Cuts the socket, which rejects the statement at once; the driver's `end` would wait for the server.
    const { connection } = this.#client as unknown as { connection: { stream: { destroy(): void } } };
    connection.stream.destroy();
  }
}

/** Asks by SQL, on a connection of its own: the protocol's cancel request of the driver knows neither TLS nor poolers. */
async function cancelBackend(pool: Pool, pid: number | undefined): Promise<void> {
  if (pid === undefined) return;
  const { connectionString, application_name } = pool.options;
  const asker = new Client({
    ...(connectionString === undefined ? {} : { connectionString }),
    ...(application_name === undefined ? {} : { application_name }),
    connectionTimeoutMillis: ASK_MS,
    query_timeout: ASK_MS,
  });
  asker.on('error', () => {});
  try {
    await asker.connect();
    await asker.query('select pg_cancel_backend($1)', [pid]);
  } catch {
    // No connection to be had: ours is dropped after OBEY_MS, and statement_timeout ends the statement on the server.
  } finally {
    await asker.end().catch(() => {});
  }
}
