import type { Lane, RunView } from '@reindeer/core';
import type { GenerationState } from '../generation/generation.ts';

export interface GenerationView {
  /** Its name in the sink. */
  readonly name: string;
  readonly number: number;
  readonly state: GenerationState;
  readonly run: number;
  /** The swap that made it live; null when it never was. */
  readonly epoch: number | null;
  readonly documents: number | null;
  readonly createdAt: string;
  readonly promotedAt: string | null;
  readonly retiredAt: string | null;
  readonly droppedAt: string | null;
}

/** A reason why something does not run. */
export interface HoldView {
  readonly hold: number;
  /** null: every index. */
  readonly index: string | null;
  /** null: every lane. */
  readonly lane: Lane | null;
  /** null: not one run alone. */
  readonly run: number | null;
  readonly reason: string;
  readonly actor: string;
  readonly note: string | null;
  readonly createdAt: string;
}

/** What became of a schedule's last ticks; `count` equal decisions in a row are one. */
export interface DecisionView {
  readonly lane: Lane;
  /** null: the whole index. */
  readonly shard: number | null;
  readonly outcome: 'started' | 'skipped';
  readonly reason: string | null;
  readonly run: number | null;
  readonly count: number;
  /** The times of the first and the last of these ticks. */
  readonly firstTickAt: string;
  readonly lastTickAt: string;
  /** When the last of them was decided; a run at start has no tick. */
  readonly decidedAt: string;
}

/** All that `status`, the API and the console say of an index. */
export interface IndexOverview {
  readonly index: string;
  /** false: no longer in the configuration that was applied last; its history stays. */
  readonly configured: boolean;
  readonly live: {
    readonly name: string;
    readonly number: number;
    readonly documents: number | null;
    readonly promotedAt: string | null;
    /** What is live had consumed every change when it was promoted. */
    readonly caughtUp: boolean;
  } | null;
  /** Newest first; of those that are gone only the last few. */
  readonly generations: readonly GenerationView[];
  /** When the stalest shard of the live generation was last made equal to the source. */
  readonly lastIndexedAt: string | null;
  /** Seconds since then, by the ledger's clock. */
  readonly freshnessSeconds: number | null;
  /** Oldest first. */
  readonly openRuns: readonly RunView[];
  /** The last five that ended, newest first. */
  readonly lastRuns: readonly RunView[];
  /** Those in force, wider ones (every index) included. */
  readonly holds: readonly HoldView[];
  /** The latest of each schedule. */
  readonly decisions: readonly DecisionView[];
  /** Shards of the live generation that wait for a refresh which something made necessary. */
  readonly owedRefreshes: number;
}

/** An index that the configuration has and no scheduler has applied yet. */
export function notApplied(index: string): IndexOverview {
  return {
    index,
    configured: true,
    live: null,
    generations: [],
    lastIndexedAt: null,
    freshnessSeconds: null,
    openRuns: [],
    lastRuns: [],
    holds: [],
    decisions: [],
    owedRefreshes: 0,
  };
}
