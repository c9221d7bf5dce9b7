import type { Differences, Key, Lane, RunOptions, RunPhase, Tally } from '@reindeer/core';

export type TaskKind = 'plan' | 'slice' | 'finish';

/**
 * What a slice goes through: the source's rows in key order; what the sink lists, looked for at the source; what changed,
 * without end; or digests of both sides, and then what differs.
 */
export type SliceWork = 'rows' | 'ids' | 'changes' | 'digest';

/** Names one task of one run. */
export interface TaskId {
  readonly run: number;
  readonly kind: TaskKind;
  readonly number: number;
}

/** A task that should be delivered by the queue. Everything that a job's id and title are made of. */
export interface DueTask extends TaskId {
  readonly index: string;
  readonly lane: Lane;
  readonly nonce: string;
  readonly delivery: number;
  /** How long until it is due, by the ledger's clock; 0 when it is. */
  readonly delayMs: number;
  /** Slices of the run as planned so far. */
  readonly slices: number;
}

/** A task in the hands of its owner. */
export interface ClaimedTask extends TaskId {
  readonly token: string;
  readonly claimNumber: number;
  readonly index: string;
  readonly lane: Lane;
  /** The run's shard; -1: the whole index, or a key range of it. */
  readonly runShard: number;
  readonly nonce: string;
  readonly phase: RunPhase;
  readonly definition: number;
  readonly options: RunOptions;
  /** A person asked for the run: what the system starts by itself may do less. */
  readonly byHand: boolean;
  readonly shard: number;
  readonly work: SliceWork;
  readonly after: Key | null;
  readonly upTo: Key | null;
  readonly cursor: Key | null;
  readonly checkpoint: number;
  readonly tally: Tally;
  readonly differences: Differences;
  readonly bytes: number;
  readonly estimate: number;
  readonly attempts: number;
  readonly slices: number;
  readonly plannedAll: boolean;
  readonly expected: number | null;
  readonly generation: {
    readonly id: number;
    readonly name: string;
    readonly ticketBound: number;
    /** A ledger that had forgotten it took it in: what its documents say of their shard is not known here (rule 17). */
    readonly adopted: boolean;
  } | null;
}

/** What a refused claim means to the one who asked. */
export type ClaimRefusal =
  /** Finished, delivered under a newer number, or its run has ended: forget this job. */
  | { readonly kind: 'void'; readonly reason: 'superseded' | 'cancelled' | 'paused' }
  /** Ask again after the delay. */
  | {
      readonly kind: 'later';
      readonly reason: 'overlap' | 'backing-off' | 'definition-mismatch';
      readonly delayMs: number;
    };
