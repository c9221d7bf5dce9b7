import type { Operation, Outcome, Ticket } from '@reindeer/core';

/** A physical index, by its name in the sink. */
export interface GenerationRef {
  readonly index: string;
  readonly name: string;
}

/** Kept in the sink beside a generation, so that it says itself what it is. */
export interface GenerationMetadata {
  readonly index: string;
  readonly name: string;
  /** The random nonce of the run that made it. */
  readonly nonce: string;
  readonly number: number;
  readonly definition: number;
  /** Tickets are drawn below this coarse bound (rule 2); after a ledger's restore they start above it. */
  readonly ticketBound: Ticket;
}

export interface LiveGeneration {
  readonly generation: GenerationRef;
  readonly epoch: number;
}

/** One relation or index that the sink holds under an index's name or prefix. */
export interface GenerationInfo {
  readonly name: string;
  /** null: not made by Reindeer, a stranger. */
  readonly metadata: GenerationMetadata | null;
  readonly live: boolean;
  readonly documents: number | null;
  readonly bytes: number | null;
}

/** Where documents go. Every adapter passes the conformance suite beside it. */
export interface Sink {
  readonly capabilities: {
    readonly versions: boolean;
    readonly atomicSwap: boolean;
    readonly maxBatchBytes: number;
  };
  /** Fails with InputError when the sink cannot be used: reachability, grants, a stranger under the index's name. */
  check(index: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Repeatable: a generation of that name is adopted only if its metadata carries this very nonce. Set up for loading. */
  createGeneration(metadata: GenerationMetadata, signal: AbortSignal): Promise<GenerationRef>;
  /** Writes the coarse ticket bound into the generation's metadata; it never goes down. */
  reserve(generation: GenerationRef, bound: Ticket, signal: AbortSignal): Promise<void>;
  /** One outcome per operation, in order. Throws only when nothing is known about the whole batch. */
  write(generation: GenerationRef, operations: readonly Operation[], signal: AbortSignal): Promise<readonly Outcome[]>;
  /** Load settings restored, indexes built, everything written is searchable. Repeatable. */
  settle(generation: GenerationRef, signal: AbortSignal): Promise<void>;
  /** How many documents a search can see (no tombstones). */
  count(generation: GenerationRef, signal: AbortSignal): Promise<number>;
  live(index: string, signal: AbortSignal): Promise<LiveGeneration | null>;
  /** Atomic; throws RefusedError('sink-moved') unless `expected` is live with that epoch, 'name-taken' when a stranger holds the name. The new epoch is expected's plus one, or 1. */
  promote(to: GenerationRef, expected: LiveGeneration | null, signal: AbortSignal): Promise<LiveGeneration>;
  /** Refused for the live generation, read again first. Repeatable. */
  drop(generation: GenerationRef, signal: AbortSignal): Promise<void>;
  /** Generations of the index, and strangers with such names, so that they can be reported. */
  list(index: string, signal: AbortSignal): Promise<readonly GenerationInfo[]>;
  /** A few documents for a full-text query, best first: for the demo and for canaries. */
  search(
    index: string,
    query: string,
    limit: number,
    signal: AbortSignal,
  ): Promise<readonly { readonly id: string; readonly body: unknown }[]>;
  close(): Promise<void>;
}
