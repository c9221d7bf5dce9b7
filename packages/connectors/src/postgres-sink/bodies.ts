import { quoteRelation } from '../postgres/quote.ts';
import type { GenerationRef } from '../sink.ts';
import type { SinkDatabase } from './database.ts';
import { withSession } from './session.ts';

/** As the server prints them: fields in its order, numbers with all their digits. */
export async function bodies(
  database: SinkDatabase,
  generation: GenerationRef,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly (string | null)[]> {
  // A table that is gone is told as a generation that is.
  const table = quoteRelation({ schema: database.schema, name: generation.name });
  const rows = await withSession(database, signal, (session) =>
    session.query<{ id: string; body: string }>(
      `select id, body::text as body from ${table} where id = any($1::text[]) and not deleted`,
      [ids],
    ),
  );
  const found = new Map(rows.map(({ id, body }) => [id, body]));
  return ids.map((id) => found.get(id) ?? null);
}
