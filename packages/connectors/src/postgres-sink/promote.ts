import { RefusedError } from '@reindeer/core';
import { sqlState } from '../postgres/failure.ts';
import { quoteRelation } from '../postgres/quote.ts';
import type { GenerationRef, LiveGeneration } from '../sink.ts';
import type { SinkDatabase } from './database.ts';
import { assertGeneration } from './generation.ts';
import { type LiveRow, readLiveRow } from './live.ts';
import { LIVE } from './metadata.ts';
import { assertIndexName } from './names.ts';
import { findRelation, relationWord } from './relation.ts';
import type { Session } from './session.ts';
import { moved, readView, viewSql } from './view.ts';
import { withPatience } from './withPatience.ts';

/**
 * Lets the view read another generation, in one transaction that holds the index's epoch row: readers see the old one
 * or the new one, whole, and never miss the view. A second swap from the same `expected` is refused.
 */
export async function promote(
  database: SinkDatabase,
  to: GenerationRef,
  expected: LiveGeneration | null,
  signal: AbortSignal,
): Promise<LiveGeneration> {
  const { schema } = database;
  assertIndexName(to.index);
  return await withPatience(database, signal, async (session) => {
    await assertGeneration(session, schema, to);
    // Somebody must be first: the row exists before it is locked.
    await session.query(
      `insert into ${quoteRelation({ schema, name: LIVE })} (index, epoch) values ($1, 0) on conflict (index) do nothing`,
      [to.index],
    );
    const row = await readLiveRow(session, schema, to.index, 'lock');
    await assertUnmoved(session, schema, to.index, expected, row);
    await replaceView(session, schema, to, row);
    const epoch = (row?.epoch ?? 0) + 1;
    const view = await readView(session, schema, to.index);
    await session.query(
      `update ${quoteRelation({ schema, name: LIVE })}
          set generation = $2, epoch = $3, view_definition = $4, server_major = $5, moved_at = now()
        where index = $1`,
      [to.index, to.name, epoch, view?.definition, view?.serverMajor],
    );
    return { generation: to, epoch };
  });
}

async function assertUnmoved(
  session: Session,
  schema: string,
  index: string,
  expected: LiveGeneration | null,
  row: LiveRow | null,
): Promise<void> {
  const relation = await findRelation(session, schema, index);
  const view = await readView(session, schema, index);
  const recorded = row?.generation ?? null;
  if (relation !== null && (view === null || recorded === null)) {
    const stranger = `A ${relationWord(relation)} that Reindeer did not make`;
    throw new RefusedError(
      'name-taken',
      `${stranger} has the name ${JSON.stringify(`${schema}.${index}`)}. Drop or rename it, and run again.`,
    );
  }
  const now = view === null ? 'nothing' : `${view.reads ?? 'something else'} with epoch ${row?.epoch}`;
  const wanted = expected === null ? 'nothing' : `${expected.generation.name} with epoch ${expected.epoch}`;
  if (now !== wanted) {
    throw moved(schema, index, `was expected to show ${wanted}, and shows ${now}`, null);
  }
  if (view === null) return;
  // Another major version of the server may print the same view differently.
  if (view.serverMajor === row?.serverMajor && view.reads === recorded && view.definition !== row.viewDefinition) {
    throw moved(schema, index, 'was altered by hand', recorded);
  }
}

async function replaceView(session: Session, schema: string, to: GenerationRef, row: LiveRow | null): Promise<void> {
  try {
    await session.query(viewSql(schema, to.index, to.name));
  } catch (error) {
    // Other columns than ours: replacing it would take them from who reads them.
    if (sqlState(error) === '42P16') throw moved(schema, to.index, 'has other columns', row?.generation ?? null);
    throw error;
  }
}
