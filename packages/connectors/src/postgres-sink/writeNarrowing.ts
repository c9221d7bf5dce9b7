import type { Operation, Outcome } from '@reindeer/core';
import { messageOf, sqlState } from '../postgres/failure.ts';
import type { SinkDatabase } from './database.ts';
import { isDataError } from './failure.ts';
import type { Session } from './session.ts';
import { upsert } from './upsert.ts';

/** Below this, one by one: halving further saves nothing. */
const ONE_BY_ONE = 4;

/**
 * Writes operations on different ids, inside a transaction. Where the server refuses the data, the part is halved until
 * the document at fault stands alone; the rest is written. About 2·log2(n) statements for each refused document.
 */
export async function writeNarrowing(
  session: Session,
  database: SinkDatabase,
  generation: string,
  operations: readonly Operation[],
): Promise<Outcome[]> {
  await session.query('savepoint part');
  try {
    const outcomes = await upsert(session, database, generation, operations);
    await session.query('release savepoint part');
    return outcomes;
  } catch (error) {
    if (!isDataError(error)) throw error;
    await session.query('rollback to savepoint part');
    await session.query('release savepoint part');
    if (operations.length === 1) return [rejected(error)];
  }
  const size = operations.length <= ONE_BY_ONE ? 1 : Math.ceil(operations.length / 2);
  const outcomes: Outcome[] = [];
  for (let from = 0; from < operations.length; from += size) {
    const part = operations.slice(from, from + size);
    outcomes.push(...(await writeNarrowing(session, database, generation, part)));
  }
  return outcomes;
}

function rejected(error: unknown): Outcome {
  // What PostgreSQL quotes after a colon is the value, and no document's content belongs in a log.
  const message = messageOf(error)
    .replace(/: ".*$/s, '')
    .slice(0, 200);
  return { kind: 'rejected', reason: 'document-refused', detail: `SQLSTATE ${sqlState(error)}: ${message}` };
}
