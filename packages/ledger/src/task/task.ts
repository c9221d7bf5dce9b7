import type { Key, Lane, RunPhase, Tally } from '@reindeer/core';

export type TaskKind = 'plan' | 'slice' | 'finish';

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
  readonly nonce: string;
  readonly phase: RunPhase;
  readonly definition: number;
  readonly options: Readonly<Record<string, unknown>>;
  readonly shard: number;
  readonly after: Key | null;
  readonly upTo: Key | null;
  readonly cursor: Key | null;
  readonly checkpoint: number;
  readonly tally: Tally;
  readonly bytes: number;
  readonly estimate: number;
  readonly attempts: number;
  readonly slices: number;
  readonly plannedAll: boolean;
  readonly expected: number | null;
  readonly generation: { readonly id: number; readonly name: string; readonly ticketBound: number } | null;
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
