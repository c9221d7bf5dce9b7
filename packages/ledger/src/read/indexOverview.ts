import type { ChangesMode, Following, Lane, PendingChange, RunView } from '@reindeer/core';
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
  /** When it was built to its end; null: it never was. */
  readonly settledAt: string | null;
  readonly promotedAt: string | null;
  readonly retiredAt: string | null;
  readonly droppedAt: string | null;
  /** Why its promotion was refused, or its run failed; null but for those. */
  readonly refusedReason: string | null;
  /** Why it is not kept current any more; null: it is, or never was to be. */
  readonly staleReason: string | null;
  /** Until when it is kept current so that it can be rolled back to; null: it was not live before. */
  readonly soakUntil: string | null;
}

/** What keeps a followed index current. */
export interface FeedView {
  /** Its open run; null: there is none. */
  readonly run: number | null;
  readonly state: Following['kind'];
  /** What is wrong, or not yet so; null while it follows. */
  readonly reason: string | null;
  readonly detail: string | null;
  /** Keys of which somebody said that they changed, and that are not indexed yet; 100,000 may be more. */
  readonly requestedKeys: number;
}

/** Documents of what is live that were refused for good within the last hour: what is found of them is older, or nothing. */
export interface RefusedLately {
  /** 1,000 may be more. */
  readonly documents: number;
  /** The last run that could not write one. */
  readonly run: number;
  readonly lastAt: string;
}

/** A generation that is kept for a while after another took its place. */
export interface SoakingView {
  readonly generation: string;
  readonly number: number;
  readonly until: string;
  readonly secondsLeft: number;
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
  /** What of the definition that is applied is not in what is live yet; null: it is of that definition, or nothing is live. */
  readonly definitionChange: PendingChange | null;
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
  /** How changes are found, by the configuration that was applied last. */
  readonly changes: ChangesMode;
  /** null: the index has no feed. */
  readonly feed: FeedView | null;
  /** How far the feed is behind the source for what is live; null: there is no feed, or it has finished no pass for it. */
  readonly lagSeconds: number | null;
  /** Those that `rollback` takes back without force; the one that was live last comes first. */
  readonly soaking: readonly SoakingView[];
  /** Shards of the live generation that wait for a refresh which something made necessary. */
  readonly owedRefreshes: number;
  /** null: none. */
  readonly refusedLately: RefusedLately | null;
}

/** An index that the configuration has and no scheduler has applied yet. */
export function notApplied(index: string): IndexOverview {
  return {
    index,
    configured: true,
    live: null,
    definitionChange: null,
    generations: [],
    lastIndexedAt: null,
    freshnessSeconds: null,
    openRuns: [],
    lastRuns: [],
    holds: [],
    decisions: [],
    changes: 'none',
    feed: null,
    lagSeconds: null,
    soaking: [],
    owedRefreshes: 0,
    refusedLately: null,
  };
}
