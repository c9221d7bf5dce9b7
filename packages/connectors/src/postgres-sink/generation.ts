import { RefusedError, type Ticket } from '@reindeer/core';
import { quoteRelation } from '../postgres/quote.ts';
import type { GenerationRef } from '../sink.ts';
import type { SinkDatabase } from './database.ts';
import { GENERATIONS, type GenerationRow, readGeneration } from './metadata.ts';
import { findRelation, type Relation } from './relation.ts';
import { type Session, withSession } from './session.ts';

/** @throws RefusedError('generation-gone') when it, or its table, is not there. */
export async function assertGeneration(
  session: Session,
  schema: string,
  generation: GenerationRef,
): Promise<GenerationRow & { readonly table: Relation }> {
  const known = await readGeneration(session, schema, generation);
  const table = known === null ? null : await findRelation(session, schema, generation.name);
  if (known !== null && table !== null) return { ...known, table };
  throw new RefusedError(
    'generation-gone',
    `There is no generation ${JSON.stringify(`${schema}.${generation.name}`)} of index ${JSON.stringify(generation.index)}; it was dropped.`,
  );
}

/** How many documents a search can see. */
export async function countDocuments(
  database: SinkDatabase,
  generation: GenerationRef,
  signal: AbortSignal,
): Promise<number> {
  return await withSession(database, signal, async (session) => {
    await assertGeneration(session, database.schema, generation);
    const table = quoteRelation({ schema: database.schema, name: generation.name });
    const [row] = await session.query<{ documents: string }>(
      `select count(*) as documents from ${table} where not deleted`,
    );
    return Number(row?.documents);
  });
}

/** Raises the ticket bound in the generation's row; a lower one changes nothing. */
export async function reserve(
  database: SinkDatabase,
  generation: GenerationRef,
  bound: Ticket,
  signal: AbortSignal,
): Promise<void> {
  await withSession(database, signal, async (session) => {
    await assertGeneration(session, database.schema, generation);
    await session.query(
      `update ${quoteRelation({ schema: database.schema, name: GENERATIONS })}
          set ticket_bound = $2 where name = $1 and ticket_bound < $2::bigint`,
      [generation.name, bound],
    );
  });
}
