import { randomUUID } from 'node:crypto';
import { type ClientBase, escapeLiteral, type FieldDef, type Pool, type PoolClient, Query } from 'pg';
import { StatementGuard } from './cancel.ts';
import { connect } from './connect.ts';

/** Every value as the database prints it: nothing passes through a JavaScript number or Date (I10). */
export type TextRow = readonly (string | null)[];

export interface Statement {
  readonly text: string;
  readonly values?: readonly unknown[];
  /** The server stops the statement after this long; 0: never. */
  readonly timeoutMs: number;
  /** Called for each row as it arrives; the answer then holds none. */
  readonly onRow?: (row: TextRow) => void;
}

export interface Answer {
  readonly rows: readonly TextRow[];
  readonly fields: readonly FieldDef[];
}

/**
 * Runs one statement on a connection of the pool. When the signal aborts, the statement is cancelled on the server before
 * this rejects with the signal's reason, so nothing goes on running; a connection that does not end in time is dropped.
 */
export async function runStatement(pool: Pool, statement: Statement, signal: AbortSignal): Promise<Answer> {
  return await guarded(pool, statement.timeoutMs, signal, (client) => submit(client, statement));
}

/**
 * The same for a statement that is run once for each set of values, in order, in few round trips however many there are.
 * All of it counts as one statement: it is stopped as a whole, and one failure fails it.
 */
export async function runForEach(
  pool: Pool,
  statement: Omit<Statement, 'values' | 'onRow'>,
  sets: readonly (readonly string[])[],
  signal: AbortSignal,
): Promise<readonly Answer[]> {
  const name = `"reindeer ${randomUUID()}"`;
  return await guarded(pool, statement.timeoutMs, signal, async (client) => {
    // Prepared by a statement of its own: of a text with several only this one would be prepared.
    await submit(client, { ...statement, text: `prepare ${name} as ${statement.text}` });
    try {
      signal.throwIfAborted();
      const each = sets.map((values) => `execute ${name} (${values.map(escapeLiteral).join(', ')})`);
      const answers: unknown = await client.query({ text: each.join(';'), rowMode: 'array', types: asText } as never);
      return (sets.length === 1 ? [answers] : answers) as readonly Answer[];
    } finally {
      // Of a connection that is lost nothing is left.
      await submit(client, { ...statement, text: `deallocate ${name}` }).catch(() => {});
    }
  });
}

async function guarded<T>(
  pool: Pool,
  timeoutMs: number,
  signal: AbortSignal,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await connect(pool, signal);
  let lost: Error | undefined;
  const onError = (error: Error) => {
    lost = error;
  };
  // A connection that dies while it is ours reports it here; without a listener that would end the process.
  client.on('error', onError);
  const guard = new StatementGuard(pool, client, timeoutMs, signal);
  let broken = true;
  try {
    await limitTime(client, timeoutMs);
    signal.throwIfAborted();
    const answer = await work(client);
    broken = false;
    return answer;
  } catch (error) {
    // After an error that the server sent the connection is good; after any other it may not be.
    broken = !(error instanceof Error && 'severity' in error);
    if (!signal.aborted) throw error;
    // The server tells the error a moment before it is done; whoever aborted may look whether anything still runs.
    if (!broken)
      broken = await client.query('').then(
        () => false,
        () => true,
      );
    throw signal.reason;
  } finally {
    await guard.end();
    client.off('error', onError);
    client.release(broken || guard.dropped || lost !== undefined);
  }
}

const limits = new WeakMap<ClientBase, number>();

/** Sets the statement timeout where it is not already so: one round trip only when the pace changes. */
async function limitTime(client: PoolClient, timeoutMs: number): Promise<void> {
  const wholeMs = Math.ceil(timeoutMs);
  if (limits.get(client) === wholeMs) return;
  limits.delete(client);
  await client.query(`set statement_timeout = ${wholeMs}`);
  limits.set(client, wholeMs);
}

const asText = { getTypeParser: () => (value: unknown) => value };

/** With the extended protocol always: one statement is one statement, whatever its text holds. */
function submit(client: PoolClient, { text, values = [], onRow }: Statement): Promise<Answer> {
  const config = { text, values: [...values], rowMode: 'array', types: asText, queryMode: 'extended' };
  if (onRow === undefined) return client.query<never, unknown[]>(config as never) as unknown as Promise<Answer>;
  return new Promise((resolve, reject) => {
    const query = new Query<never>(config as never);
    query.on('row', (row) => onRow(row));
    query.on('error', reject);
    query.on('end', (result) => resolve({ rows: [], fields: result.fields }));
    client.query(query);
  });
}
