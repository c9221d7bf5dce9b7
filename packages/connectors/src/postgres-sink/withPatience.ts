import { setTimeout as delay } from 'node:timers/promises';
import { UnavailableError } from '@reindeer/core';
import type { SinkDatabase } from './database.ts';
import { isBusy } from './failure.ts';
import { type Session, transaction } from './session.ts';

/** Before each new try. Five tries, about 8 s in all. */
const WAITS_MS = [200, 400, 800, 1_600];
/** While it waits for a lock, new readers queue behind it: so not for long. */
const LOCK_TIMEOUT_MS = 1_000;

/**
 * A transaction that needs a table or view to itself: it waits briefly for readers, gives way, and tries again.
 * @throws UnavailableError('sink-unavailable') when readers held on all the while
 */
export async function withPatience<T>(
  database: SinkDatabase,
  signal: AbortSignal,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  for (const waitMs of [...WAITS_MS, null]) {
    try {
      return await transaction(database, signal, async (session) => {
        await session.query(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
        return await work(session);
      });
    } catch (error) {
      if (!(error instanceof UnavailableError && isBusy(error.cause))) throw error;
      if (waitMs === null) {
        throw new UnavailableError(
          'sink-unavailable',
          `The sink's connection ${JSON.stringify(database.connection)}: other sessions hold locks on the index's view ` +
            `or tables in schema ${JSON.stringify(database.schema)}. End their transactions (see pg_locks), or try later.`,
          { cause: error.cause },
        );
      }
    }
    await delay(waitMs, undefined, { signal });
  }
  throw new Error('unreachable: the last try returns or throws');
}
