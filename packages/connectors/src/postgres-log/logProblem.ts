import { InputError } from '@reindeer/core';
import { failureKind, messageOf } from '../postgres/failure.ts';
import { runStatement } from '../postgres/statement.ts';
import { explained } from '../postgres-source/explained.ts';
import type { LogContext } from './logContext.ts';
import { missingGrants } from './missingGrants.ts';

/** Work on the log. A right that is missing there is told with the log's own grants: those of the source's tables mend nothing. */
export async function onLog<T>(context: LogContext, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return await explained(context.source, signal, async () => {
    try {
      return await work();
    } catch (error) {
      throw failureKind(error) === 'permission' ? await denied(context, error, signal) : error;
    }
  });
}

async function denied({ source, schema, writer }: LogContext, error: unknown, signal: AbortSignal): Promise<unknown> {
  const answer = await runStatement(writer, { text: 'select current_user', timeoutMs: 10_000 }, signal);
  const grants = await missingGrants({ writer, schema }, answer.rows[0]?.[0] ?? '', false, signal);
  if (grants.length === 0) return error;
  const sql = grants.flatMap(({ remedy }) => remedy).join(' ');
  return new InputError(
    'permission',
    `connections.${source.connection}.url: its user may not read or prune the log of changes in the schema "${schema}": ${messageOf(error)}. Run as the log's owner: ${sql}`,
    { cause: error },
  );
}
