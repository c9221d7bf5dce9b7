import type { Ticket } from '@reindeer/core';
import { quoteRelation } from '../postgres/quote.ts';
import type { GenerationRef, StoredDocument } from '../sink.ts';
import type { SinkDatabase } from './database.ts';
import { withSession } from './session.ts';

/** A row's stamp. A fingerprint that is null was not written by us: nobody else has one. */
export const STORED_COLUMNS = 'id, s, b, t, f1, f2';

export interface StoredRow {
  readonly id: string;
  readonly s: number;
  readonly b: number;
  readonly t: string;
  readonly f1: string | null;
  readonly f2: string | null;
}

export function toStored(row: StoredRow): StoredDocument {
  const ticket: Ticket = Number(row.t);
  const { id, s: shard, b: bucket, f1, f2 } = row;
  const stamp = f1 === null || f2 === null ? null : { shard, bucket, ticket, f1: Number(f1), f2: Number(f2) };
  return { id, version: ticket, stamp };
}

/** What the generation's table holds under these ids; tombstones are not there. */
export async function stored(
  database: SinkDatabase,
  generation: GenerationRef,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly (StoredDocument | null)[]> {
  // A table that is gone is told as a generation that is.
  const table = quoteRelation({ schema: database.schema, name: generation.name });
  const rows = await withSession(database, signal, (session) =>
    session.query<StoredRow>(`select ${STORED_COLUMNS} from ${table} where id = any($1::text[]) and not deleted`, [
      ids,
    ]),
  );
  const found = new Map(rows.map((row) => [row.id, toStored(row)]));
  return ids.map((id) => found.get(id) ?? null);
}
