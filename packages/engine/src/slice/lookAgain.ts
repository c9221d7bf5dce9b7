import type { GenerationRef, Sink, Source, SourceDocument } from '@reindeer/connectors';
import {
  checkId,
  type DifferenceKind,
  type Key,
  type KeyRange,
  type Operation,
  type StoredDocument,
  staleness,
  type Ticket,
  type Transform,
} from '@reindeer/core';
import { prepare, type Refusal, stampOf } from '../transform/prepare.ts';
import { holdsBody, OTHER_BODY } from './holdsBody.ts';

/** A document that looked different: its id, and the key it would have; null: no key of this source has that id. */
export interface Suspect {
  readonly id: string;
  readonly key: Key | null;
}

/** What a second look sees of a suspect. */
export type Sight =
  /** It is what its row says. */
  | { readonly kind: 'same' }
  /** It is not to be in the index, and is not. */
  | { readonly kind: 'filtered' }
  /** Its row lies outside the range: it is looked at by the run that reads that row. */
  | { readonly kind: 'elsewhere' }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | {
      readonly kind: 'different';
      readonly difference: DifferenceKind;
      readonly detail: string;
      /** The version that the sink holds; null: nothing. */
      readonly held: number | null;
      /** What repairs it: the row as the second look read it, or its delete (rule 13). */
      readonly operation: Operation;
    };

export interface Looking {
  readonly source: Source;
  readonly sink: Sink;
  readonly generation: GenerationRef;
  readonly transform: Transform | null;
  /** Bodies are compared too, not only what tells that they were written. */
  readonly deep: boolean;
  readonly shard: number;
  /** What a stamp's shard must be; null: it is not looked at. */
  readonly stampShard: number | null;
  readonly range: KeyRange;
  readonly ticket: () => Promise<Ticket>;
}

/**
 * Looks at these documents once more: a fresh ticket, their rows, what the sink holds. Only what differs now counts, and
 * what is written is what this look read. One sight per suspect, in order.
 */
export async function lookAgain(
  looking: Looking,
  suspects: readonly Suspect[],
  signal: AbortSignal,
): Promise<readonly Sight[]> {
  const keys = suspects.flatMap(({ key }) => (key === null ? [] : [key]));
  const read = await looking.source.readKeys(keys, looking.range, looking.ticket, signal);
  const rows = new Map(read.rows.map((row) => [JSON.stringify(row.key), row]));
  const held = await looking.sink.stored(
    looking.generation,
    suspects.map(({ id }) => id),
    signal,
  );
  const bodies = looking.deep
    ? await looking.sink.bodies(
        looking.generation,
        suspects.map(({ id }) => id),
        signal,
      )
    : [];
  const sights: Sight[] = [];
  for (const [at, suspect] of suspects.entries()) {
    const row = suspect.key === null ? undefined : rows.get(JSON.stringify(suspect.key));
    const document = row?.document ?? null;
    const stored = held[at] ?? null;
    if (document === null) sights.push(rowless(looking, suspect, stored, read.ticket));
    else if (row?.inRange === false) sights.push({ kind: 'elsewhere' });
    else sights.push(await compare(looking, document, { stored, body: bodies[at] ?? null }, read.ticket));
  }
  return sights;
}

function rowless(looking: Looking, { id }: Suspect, stored: StoredDocument | null, ticket: Ticket): Sight {
  // Gone on both sides: it is not to be in the index, and is not.
  if (stored === null) return { kind: 'filtered' };
  return {
    kind: 'different',
    difference: 'extra',
    detail: stored.stamp === null ? 'written by something else than Reindeer; no row has its id' : 'no row has its id',
    held: stored.version,
    operation: { kind: 'delete', ...stampOf(id, { ticket, shard: looking.shard }) },
  };
}

async function compare(
  looking: Looking,
  document: SourceDocument,
  { stored, body }: { readonly stored: StoredDocument | null; readonly body: string | null },
  ticket: Ticket,
): Promise<Sight> {
  let stale = stored === null ? null : staleness(document, stored, looking.stampShard);
  if (stored !== null && stale === null && checkId(document.id) === null) {
    if (!looking.deep || (await holdsBody(document, body, looking))) return { kind: 'same' };
    stale = OTHER_BODY;
  }
  const prepared = await prepare(document, { ticket, shard: looking.shard }, looking.transform);
  switch (prepared.kind) {
    case 'refused':
      return { kind: 'refused', refusal: prepared.refusal };
    case 'filtered':
      if (stored === null) return { kind: 'filtered' };
      return {
        kind: 'different',
        difference: 'extra',
        detail: 'the transform leaves its row out of the index',
        held: stored.version,
        operation: { ...prepared.stamp, kind: 'delete' },
      };
    case 'index':
      return {
        kind: 'different',
        difference: stored === null ? 'missing' : 'stale',
        detail: stale ?? 'its row is in the source, and it is not in the index',
        held: stored?.version ?? null,
        operation: prepared.operation,
      };
  }
}
