import type { Sink, Source } from '@reindeer/connectors';
import type { IndexDefinition, Lane, Reason } from '@reindeer/core';
import type { DueTask, Ledger } from '@reindeer/ledger';

/** Puts tasks into the queue. Delivering the same again is a no-op, and what is lost here the reconciler delivers. */
export type Deliver = (due: readonly DueTask[]) => Promise<void>;

/** What the engine tells those who watch: logs and metrics are made of it. It must not throw. */
export interface Observer {
  documents(index: string, lane: Lane, outcome: string, count: number): void;
  bytes(index: string, lane: Lane, count: number): void;
  batch(stage: 'read' | 'transform' | 'write' | 'checkpoint', seconds: number): void;
  throttled(reason: Reason, seconds: number): void;
  event(level: 'debug' | 'info' | 'warn' | 'error', message: string, fields: Readonly<Record<string, unknown>>): void;
}

export interface EngineContext {
  readonly ledger: Ledger;
  readonly deliver: Deliver;
  readonly observer: Observer;
}

/** An index's definition with its two ends open. */
export interface OpenIndex {
  readonly definition: IndexDefinition;
  readonly source: Source;
  readonly sink: Sink;
}

export interface BatchSettings {
  readonly maxDocuments: number;
  readonly maxBytes: number;
  /** Batches of one slice under way at once. */
  readonly inFlight: number;
  /** What a batch should take; its size follows. */
  readonly targetMs: number;
}

export interface WorkSettings {
  readonly batch: BatchSettings;
  /** A slice without progress for this long is handed back. */
  readonly batchTimeoutMs: number;
  /** How long a worker process that shows no life is taken to live. */
  readonly leaseMs: number;
  /** A slice is handed back after this long, so that nothing hogs a slot. */
  readonly turnMs: number;
  readonly maxAttempts: number;
}
