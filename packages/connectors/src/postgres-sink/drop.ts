import { RefusedError } from '@reindeer/core';
import { sqlState } from '../postgres/failure.ts';
import { quoteRelation } from '../postgres/quote.ts';
import type { GenerationRef } from '../sink.ts';
import type { SinkDatabase } from './database.ts';
import { readLiveRow } from './live.ts';
import { GENERATIONS, hasMetadata, readGeneration } from './metadata.ts';
import { findRelation, relationWord } from './relation.ts';
import { readView } from './view.ts';
import { withPatience } from './withPatience.ts';

/** Drops a generation and its metadata; what is gone already is no error. Never the live one, and never a stranger's table. */
export async function drop(database: SinkDatabase, generation: GenerationRef, signal: AbortSignal): Promise<void> {
  const { schema } = database;
  const name = JSON.stringify(`${schema}.${generation.name}`);
  await withPatience(database, signal, async (session) => {
    const known = await readGeneration(session, schema, generation);
    if (known === null) {
      const relation = await findRelation(session, schema, generation.name);
      if (relation === null) return;
      throw new RefusedError(
        'name-taken',
        `The ${relationWord(relation)} ${name} is no generation of ${JSON.stringify(generation.index)}, and is left alone.`,
      );
    }
    const row = (await hasMetadata(session, schema))
      ? await readLiveRow(session, schema, generation.index, 'lock')
      : null;
    const view = await readView(session, schema, generation.index);
    if (view?.reads === generation.name || (view !== null && row?.generation === generation.name)) {
      throw new RefusedError('sink-moved', `The generation ${name} is live, and is not dropped.`);
    }
    try {
      await session.query(`drop table if exists ${quoteRelation({ schema, name: generation.name })}`);
    } catch (error) {
      if (sqlState(error) !== '2BP01') throw error;
      const detail = error instanceof Error && 'detail' in error ? ` (${String(error.detail)})` : '';
      throw new RefusedError(
        'sink-moved',
        `The generation ${name} is still read by other objects${detail}. Drop those, and it goes with the next try.`,
        { cause: error },
      );
    }
    await session.query(`delete from ${quoteRelation({ schema, name: GENERATIONS })} where name = $1`, [
      generation.name,
    ]);
  });
}
