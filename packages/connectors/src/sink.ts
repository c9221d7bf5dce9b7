import type { DigestEntry, Operation, Outcome, StoredDocument, Ticket } from '@reindeer/core';

export type { DigestEntry, StoredDocument };

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
  /** The definition's, so that it is known again by a ledger that numbers otherwise. Generations made by older versions have none of these three. */
  readonly fingerprint?: string;
  /** The identity of the source that it was built from (rule 16). */
  readonly system?: string;
  /** The ledger's own id, which its backups share: who may take it for theirs (rule 17). */
  readonly ledger?: string;
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

/** Buckets `[from, to)` of the 2^20 there are. */
export interface BucketRange {
  readonly from: number;
  readonly to: number;
}

/** Documents of a generation by their shard. */
export interface ShardSelection {
  /** null: whatever the stamp says, for a generation of one shard. */
  readonly shard: number | null;
  /** No shard is higher: what is stamped with one belongs to this. Default false. */
  readonly last?: boolean;
}

/**
 * Documents of a generation: those stamped with this shard and a bucket in the range. Documents without a stamp are
 * shard 0, bucket 0 (rule 18). A hand may have written any number into a stamp, and each document is to be in some
 * selection: those below 0 are with shard 0, and with the range that begins at 0; those above, with the range that ends
 * at 2^20, and with the shard that is `last`.
 */
export interface Selection extends ShardSelection {
  readonly buckets: BucketRange;
  /** A `digest` has just made visible what this is about: the engine is not asked for that again. Default false. */
  readonly visible?: boolean;
}

/** Where documents go. Every adapter passes the conformance suite beside it. */
export interface Sink {
  readonly capabilities: {
    readonly versions: boolean;
    readonly atomicSwap: boolean;
    readonly maxBatchBytes: number;
    /** `promote` can remove an ordinary index that has the readers' name. */
    readonly adopts: boolean;
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
  /** Atomic; throws RefusedError('sink-moved') unless `expected` is live with that epoch, 'name-taken' when a stranger holds the name. The new epoch is expected's plus one, or 1. `adopt`: an ordinary index of the readers' name is removed in the same step, where `capabilities.adopts`; otherwise it is refused all the same. */
  promote(
    to: GenerationRef,
    expected: LiveGeneration | null,
    signal: AbortSignal,
    adopt?: boolean,
  ): Promise<LiveGeneration>;
  /** Refused for the live generation, read again first. Repeatable. */
  drop(generation: GenerationRef, signal: AbortSignal): Promise<void>;
  /** What is held under these ids at this moment, in their order, whatever its shard; null: nothing, or a tombstone. */
  stored(
    generation: GenerationRef,
    ids: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly (StoredDocument | null)[]>;
  /**
   * What is held under these ids at this moment, in their order: bodies as JSON texts without the stamp, with every digit
   * that the sink keeps. Order of fields and white space are the sink's. null: nothing, or a tombstone. At most some
   * hundred ids; the caller bounds their bytes.
   * @throws InputError `bodies-hidden` where the sink does not keep what was written.
   */
  bodies(generation: GenerationRef, ids: readonly string[], signal: AbortSignal): Promise<readonly (string | null)[]>;
  /**
   * All documents of the selection, in pages of at most `limit`, in any order. What was acknowledged before the first
   * page is asked for is listed; a document is listed once, unless it changes meanwhile. Tombstones are not listed.
   */
  ids(
    generation: GenerationRef,
    selection: Selection,
    limit: number,
    signal: AbortSignal,
  ): AsyncIterable<readonly StoredDocument[]>;
  /**
   * Count and sums per bucket prefix of `bits` (0 to 20) bits; prefixes without documents are left out. A bucket that no
   * id has was written by a hand, and has a prefix that no id has. Sees what was acknowledged before the call.
   */
  digest(
    generation: GenerationRef,
    shard: ShardSelection,
    bits: number,
    signal: AbortSignal,
  ): Promise<readonly DigestEntry[]>;
  /**
   * The buckets of documents that were edited in place: their version is not the ticket they are stamped with. A digest
   * cannot see them, because the stamp is the same. In pages, of which many are empty; a `digest` has just made visible
   * what this is about. A sink in which an edit leaves no trace gives none: only bodies can tell.
   */
  edited(generation: GenerationRef, shard: ShardSelection, signal: AbortSignal): AsyncIterable<readonly number[]>;
  /**
   * A text that changes when writes that were acknowledged may have been lost, or the deletes that older writes are
   * refused by: the server restarted or failed over, or the generation was restored from a copy (rule 15). It changes
   * by nothing that Reindeer itself does, and may change where nothing was lost. Compare it for equality only.
   */
  incarnation(generation: GenerationRef, signal: AbortSignal): Promise<string>;
  /**
   * Forgets deletes that are older than an hour, by the sink's own clock: until then a tombstone refuses what an older
   * request brings (rule 14). Some tens of thousands at most; more go with the next call. Nothing to do for an engine
   * that forgets by itself.
   * @returns how many went
   */
  purge(generation: GenerationRef, signal: AbortSignal): Promise<number>;
  /** Generations of the index, and strangers with such names, so that they can be reported. */
  list(index: string, signal: AbortSignal): Promise<readonly GenerationInfo[]>;
  /**
   * How many documents of a generation, live or not, a query finds, and the ids of the best `limit`. A text is searched
   * for as `search` does; an object is the engine's own query.
   * @throws InputError `bad-canary`: the sink cannot take the query.
   */
  probe(
    generation: GenerationRef,
    query: unknown,
    limit: number,
    signal: AbortSignal,
  ): Promise<{ readonly hits: number; readonly ids: readonly string[] }>;
  /** A few documents for a full-text query, best first: for the demo. */
  search(
    index: string,
    query: string,
    limit: number,
    signal: AbortSignal,
  ): Promise<readonly { readonly id: string; readonly body: unknown }[]>;
  close(): Promise<void>;
}
