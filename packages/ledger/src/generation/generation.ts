import type { Key } from '@reindeer/core';

export const GENERATION_STATES = ['building', 'live', 'retained', 'dropping', 'dropped', 'failed'] as const;
export type GenerationState = (typeof GENERATION_STATES)[number];

/** A generation as the ledger knows it. */
export interface GenerationRow {
  readonly id: number;
  readonly index: string;
  readonly number: number;
  readonly name: string;
  readonly nonce: string;
  readonly definition: number;
  readonly state: GenerationState;
  readonly epoch: number | null;
  readonly run: number;
  readonly shardBounds: readonly Key[];
  readonly ticketBound: number;
  readonly settledAt: Date | null;
  /** Documents that a search could see when it was settled, or promoted. */
  readonly documents: number | null;
  readonly staleReason: string | null;
  readonly soakUntil: Date | null;
}

export const GENERATION_COLUMNS = `g.generation, g.index, g.number, g.name, g.nonce, g.definition, g.state, g.epoch, g.run,
  g.shard_bounds, g.ticket_bound, g.settled_at, g.documents, g.stale_reason, g.soak_until`;

export interface GenerationDatabaseRow {
  generation: string;
  index: string;
  number: number;
  name: string;
  nonce: string;
  definition: number;
  state: GenerationState;
  epoch: string | null;
  run: string;
  shard_bounds: Key[];
  ticket_bound: string;
  settled_at: Date | null;
  documents: string | null;
  stale_reason: string | null;
  soak_until: Date | null;
}

export function toGeneration(row: GenerationDatabaseRow): GenerationRow {
  return {
    id: Number(row.generation),
    index: row.index,
    number: row.number,
    name: row.name,
    nonce: row.nonce,
    definition: row.definition,
    state: row.state,
    epoch: row.epoch === null ? null : Number(row.epoch),
    run: Number(row.run),
    shardBounds: row.shard_bounds,
    ticketBound: Number(row.ticket_bound),
    settledAt: row.settled_at,
    documents: row.documents === null ? null : Number(row.documents),
    staleReason: row.stale_reason,
    soakUntil: row.soak_until,
  };
}
