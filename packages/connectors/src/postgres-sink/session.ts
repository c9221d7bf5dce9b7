import type { PoolClient, QueryResultRow } from 'pg';
import { StatementGuard } from '../postgres/cancel.ts';
import { connect } from '../postgres/connect.ts';
import { sqlState } from '../postgres/failure.ts';
import type { SinkDatabase } from './database.ts';
import { asReaction } from './failure.ts';
import { STATEMENT_TIMEOUT_MS } from './openSinkPool.ts';

/** Statements on one connection. */
export interface Session {
  query<R extends QueryResultRow>(text: string, values?: readonly unknown[]): Promise<R[]>;
  /** Rolled back when `work` throws or the signal aborts. Not nested. */
  transaction<T>(work: () => Promise<T>): Promise<T>;
  /** What follows takes as long as the data is large: only the connection's own keep-alive tells a server that is gone. */
  unlimited(): Promise<void>;
}

/**
 * Runs `work` on one connection. When the signal aborts, the statement under way is cancelled on the server, and this
 * rejects only when it has ended, so that nothing is left running.
 * @throws the signal's reason, or the failure as InputError, RefusedError or UnavailableError
 */
export async function withSession<T>(
  database: SinkDatabase,
  signal: AbortSignal,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  let opened: OpenSession | undefined;
  try {
    opened = new OpenSession(database, await connect(database.pool, signal), signal);
    return await work(opened);
  } catch (error) {
    throw signal.aborted ? signal.reason : asReaction(error, database.connection, database.schema);
  } finally {
    await opened?.close();
  }
}

/** One transaction on a connection of its own. */
export async function transaction<T>(
  database: SinkDatabase,
  signal: AbortSignal,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  return await withSession(database, signal, (session) => session.transaction(() => work(session)));
}

class OpenSession implements Session {
  readonly #client: PoolClient;
  readonly #signal: AbortSignal;
  readonly #guard: StatementGuard;
  #broken = false;
  /** The server's own limit; the client gives up a little later, for a server that does not answer at all. */
  #limitMs = STATEMENT_TIMEOUT_MS;
  // A connection that dies while it is ours reports it here; without a listener that would end the process.
  readonly #onError = () => {
    this.#broken = true;
  };

  constructor(database: SinkDatabase, client: PoolClient, signal: AbortSignal) {
    this.#client = client;
    this.#signal = signal;
    client.on('error', this.#onError);
    this.#guard = new StatementGuard(database.pool, client, 0, signal);
  }

  async query<R extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<R[]> {
    this.#signal.throwIfAborted();
    return await this.#send<R>(text, values);
  }

  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.query('begin');
    try {
      const result = await work();
      await this.query('commit');
      return result;
    } catch (error) {
      // Also after an abort: the connection must not go back to the pool inside a transaction.
      await this.#send('rollback', []).catch(this.#onError);
      throw error;
    }
  }

  async unlimited(): Promise<void> {
    await this.query('set local statement_timeout = 0');
    this.#limitMs = 0;
  }

  async close(): Promise<void> {
    // A cancelled statement tells its error first and lets go of its locks after that; an answer means that it has.
    if (this.#signal.aborted && !this.#broken) await this.#send('', []).catch(this.#onError);
    await this.#guard.end();
    this.#client.off('error', this.#onError);
    this.#client.release(this.#broken || this.#guard.dropped);
  }

  async #send<R extends QueryResultRow>(text: string, values: readonly unknown[]): Promise<R[]> {
    this.#guard.limit(this.#limitMs);
    try {
      return (await this.#client.query<R>({ text, values: [...values] })).rows;
    } catch (error) {
      if (endsConnection(error)) this.#broken = true;
      throw error;
    } finally {
      this.#guard.limit(0);
    }
  }
}

// Administrator's command, crash, start, idle timeouts, protocol: after these the server hangs up. Not told by the
// error's severity, which the server may translate.
const LAST_WORDS = /^(57P|08|25P0[3-5]|28|53300)/;

/** The connection is good only after an ordinary error that the server sent. */
function endsConnection(error: unknown): boolean {
  const state = sqlState(error);
  return state === null || LAST_WORDS.test(state);
}
