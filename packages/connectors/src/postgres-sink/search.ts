import { quoteRelation } from '../postgres/quote.ts';
import type { SinkDatabase } from './database.ts';
import { readLive } from './live.ts';
import { readGeneration } from './metadata.ts';
import { withSession } from './session.ts';

/** A longer query is cut: nobody types it, and the server parses every word. */
const MAX_QUERY_LENGTH = 4_000;

export interface SearchHit {
  readonly id: string;
  readonly body: unknown;
}

/**
 * Documents for what a person typed: words, "phrases", `or` and `-not`; never a syntax error. Best first; none when
 * nothing is live.
 */
export async function search(
  database: SinkDatabase,
  index: string,
  query: string,
  limit: number,
  signal: AbortSignal,
): Promise<readonly SearchHit[]> {
  const { schema } = database;
  return await withSession(database, signal, async (session) => {
    const live = await readLive(session, schema, index);
    if (live === null) return [];
    // The live generation's own language: the configuration may have another one already.
    const language = (await readGeneration(session, schema, live.generation))?.language ?? 'pg_catalog.simple';
    return await session.query<{ id: string; body: unknown }>(
      `select v.id, v.body
         from ${quoteRelation({ schema, name: index })} v,
              pg_catalog.websearch_to_tsquery($1::pg_catalog.regconfig, $2) q
        where v.search @@ q
        order by pg_catalog.ts_rank(v.search, q) desc, v.id
        limit $3`,
      [language, typedQuery(query), limit],
    );
  });
}

/** What a person typed, as the server can take it. */
export function typedQuery(typed: string): string {
  return typed.slice(0, MAX_QUERY_LENGTH).replaceAll('\0', ' ').toWellFormed();
}
