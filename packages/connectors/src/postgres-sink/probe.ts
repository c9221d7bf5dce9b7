import { InputError } from '@reindeer/core';
import { quoteRelation } from '../postgres/quote.ts';
import type { GenerationRef } from '../sink.ts';
import type { SinkDatabase } from './database.ts';
import { assertGeneration } from './generation.ts';
import { typedQuery } from './search.ts';
import { withSession } from './session.ts';

/** By the language that the generation was made with. */
export async function probe(
  database: SinkDatabase,
  generation: GenerationRef,
  query: unknown,
  limit: number,
  signal: AbortSignal,
): Promise<{ readonly hits: number; readonly ids: readonly string[] }> {
  if (typeof query !== 'string') {
    throw new InputError(
      'bad-canary',
      `indexes.${generation.index}.rebuild.canaries: PostgreSQL searches for texts alone, and ${JSON.stringify(query)} is none. Give what a person would type.`,
    );
  }
  const { schema } = database;
  return await withSession(database, signal, async (session) => {
    const { language } = await assertGeneration(session, schema, generation);
    const rows = await session.query<{ id: string | null; hits: string }>(
      `with found as materialized (
         select g.id, pg_catalog.ts_rank(g.search, q) as rank
           from ${quoteRelation({ schema, name: generation.name })} g,
                pg_catalog.websearch_to_tsquery($1::pg_catalog.regconfig, $2) q
          where not g.deleted and g.search @@ q)
       select b.id, c.hits from (select count(*) as hits from found) c
         left join (select id, rank from found order by rank desc, id limit $3) b on true
        order by b.rank desc, b.id`,
      [language, typedQuery(query), limit],
    );
    return { hits: Number(rows[0]?.hits ?? 0), ids: rows.flatMap(({ id }) => (id === null ? [] : [id])) };
  });
}
