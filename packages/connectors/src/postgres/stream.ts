import type { Pool } from 'pg';
import { runStatement, type Statement, type TextRow } from './statement.ts';

/**
 * The rows of one statement as they arrive. They wait in memory when the consumer is slow: for answers of bounded size
 * whose first rows are wanted before the last are known. Leaving early stops the statement.
 */
export async function* streamRows(
  pool: Pool,
  statement: Omit<Statement, 'onRow'>,
  signal: AbortSignal,
): AsyncGenerator<TextRow, void, undefined> {
  const left = new AbortController();
  const rows: TextRow[] = [];
  let arrived = Promise.withResolvers<void>();
  let ended = false;
  const done = runStatement(
    pool,
    {
      ...statement,
      onRow: (row) => {
        rows.push(row);
        arrived.resolve();
      },
    },
    AbortSignal.any([signal, left.signal]),
  ).finally(() => {
    ended = true;
    arrived.resolve();
  });
  done.catch(() => {});
  try {
    for (;;) {
      const row = rows.shift();
      if (row !== undefined) {
        yield row;
        continue;
      }
      if (ended) break;
      await arrived.promise;
      arrived = Promise.withResolvers<void>();
    }
    await done;
  } finally {
    left.abort();
    await done.catch(() => {});
  }
}
