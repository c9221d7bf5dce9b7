import type { Pool, PoolClient } from 'pg';
import { addressOf } from './Address.ts';
import { mayNotConnect } from './mayNotConnect.ts';

/**
 * A connection of the pool, to the server that its address leads to as far as this process knows. When the signal aborts first
 * this rejects at once, and the connection that still comes is given back.
 */
export async function connect(pool: Pool, signal: AbortSignal): Promise<PoolClient> {
  const address = addressOf(pool.options.connectionString);
  for (;;) {
    try {
      const client = await connectOnce(pool, signal);
      if (address.isCurrent(client)) return client;
      client.release(true);
    } catch (error) {
      // All connections are busy with our own statements, each of which has a limit: no failure of the server.
      if (error instanceof Error && error.message === 'timeout exceeded when trying to connect') continue;
      throw mayNotConnect(error, pool.options.connectionString ?? '');
    }
  }
}

async function connectOnce(pool: Pool, signal: AbortSignal): Promise<PoolClient> {
  signal.throwIfAborted();
  const coming = pool.connect();
  return await new Promise<PoolClient>((resolve, reject) => {
    let gone = false;
    const onAbort = () => {
      gone = true;
      reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    coming
      .finally(() => signal.removeEventListener('abort', onAbort))
      .then((client) => (gone ? client.release() : resolve(client)), reject);
  });
}
