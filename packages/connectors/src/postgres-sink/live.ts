import { quoteRelation } from '../postgres/quote.ts';
import type { LiveGeneration } from '../sink.ts';
import type { SinkDatabase } from './database.ts';
import { hasMetadata, LIVE } from './metadata.ts';
import { type Session, withSession } from './session.ts';
import { moved, readView } from './view.ts';

/** What the last swap wrote; null before the first. */
export interface LiveRow {
  /** null: the row was made for a swap that has not happened. */
  readonly generation: string | null;
  readonly epoch: number;
  readonly viewDefinition: string | null;
  readonly serverMajor: number | null;
}

/** @param lock held until the transaction ends: swaps and drops of one index happen one after the other. */
export async function readLiveRow(
  session: Session,
  schema: string,
  index: string,
  lock: 'lock' | 'look',
): Promise<LiveRow | null> {
  const [row] = await session.query<{ generation: string | null; epoch: string; definition: string; major: number }>(
    `select generation, epoch, view_definition as definition, server_major as major
       from ${quoteRelation({ schema, name: LIVE })} where index = $1 ${lock === 'lock' ? 'for update' : ''}`,
    [index],
  );
  if (row === undefined) return null;
  return {
    generation: row.generation,
    epoch: Number(row.epoch),
    viewDefinition: row.definition,
    serverMajor: row.major,
  };
}

/**
 * What readers of the index see: the table that the view reads now, also after somebody moved it by hand.
 * @throws RefusedError('sink-moved') when the view reads anything but one table of the sink's schema
 */
export async function live(database: SinkDatabase, index: string, signal: AbortSignal): Promise<LiveGeneration | null> {
  return await withSession(database, signal, (session) => readLive(session, database.schema, index));
}

export async function readLive(session: Session, schema: string, index: string): Promise<LiveGeneration | null> {
  if (!(await hasMetadata(session, schema))) return null;
  const row = await readLiveRow(session, schema, index, 'look');
  if (row === null || row.generation === null) return null;
  const view = await readView(session, schema, index);
  if (view === null) return null;
  if (view.reads === null) throw moved(schema, index, 'does not read one generation any more', row.generation);
  return { generation: { index, name: view.reads }, epoch: row.epoch };
}
