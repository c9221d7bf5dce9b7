import type { Key } from './key.ts';

/** Where documents come from, resolved: nothing optional, durations in milliseconds. */
export interface SourceDefinition {
  readonly connection: string;
  /** Exactly one of `table` (schema and name, unquoted) and `query` is set. */
  readonly table: { readonly schema: string; readonly name: string } | null;
  readonly query: string | null;
  readonly key: readonly string[];
  /** null: all columns. */
  readonly columns: readonly string[] | null;
  readonly where: string | null;
  /** The soft-delete column: a row in which it is neither null nor false is not in the index. */
  readonly deleted: string | null;
  /** How changes are followed: by a log that triggers write, by a column that says when a row was modified, or not. */
  readonly changes: ChangesMode;
  /** The column that says when a row was last modified; null but for `modified-column`. */
  readonly modified: string | null;
  /** How far below the clock, in ms, a modified column is taken to be complete where open transactions cannot be seen. */
  readonly lagMs: number;
  readonly log: LogDefinition;
  /** Other tables whose changes touch documents of the index. */
  readonly dependencies: readonly Dependency[];
}

export const CHANGES_MODES = ['log', 'modified-column', 'none'] as const;
export type ChangesMode = (typeof CHANGES_MODES)[number];

/** Where the log of changes is, and how much of it a consumer may leave unread before it is given up (rule 7). */
export interface LogDefinition {
  readonly schema: string;
  readonly maxRows: number;
  readonly maxBytes: number;
  readonly maxAgeMs: number;
}

/** A table whose changes touch documents of the index, though it is not the table they come from. */
export interface Dependency {
  /** Names it in a pass; unique within the index. */
  readonly name: string;
  readonly table: { readonly schema: string; readonly name: string };
  readonly key: readonly string[];
  /** A query for the keys of the index that one row touches; `$1`, `$2`… are the values of `key`. */
  readonly keys: string;
}

export interface SinkDefinition {
  readonly connection: string;
  readonly mappings: Readonly<Record<string, unknown>>;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** A document's body, or null when the row is not in the index. */
export type Transform = (row: Record<string, unknown>) => unknown;

export type Schedule =
  | { readonly kind: 'every'; readonly everyMs: number }
  | { readonly kind: 'cron'; readonly cron: string; readonly timezone: string };

export interface RebuildDefinition {
  readonly schedule: Schedule | null;
  /** A last completed indexing younger than this needs no new one at start; null: only a missing live generation starts one. */
  readonly freshForMs: number | null;
  readonly sliceTargetMs: number;
  /** null: from the row estimate and `sliceTargetMs`. */
  readonly slices: number | null;
  /** A pass of the feed that began longer ago than this does not prove a new generation to be caught up (rule 10). */
  readonly maxLagMs: number;
  /** How long the generation before is kept current after a promotion, so that it can be rolled back to. */
  readonly soakMs: number;
  /** What a scheduler does when the live generation is of another definition. */
  readonly onDefinitionChange: 'rebuild' | 'alert';
  readonly canaries: readonly Canary[];
}

/** A query that a new generation must answer well before it is promoted. */
export interface Canary {
  /** As the sink has it: a full-text query as a text, or, for search engines, the `query` of a search. */
  readonly query: unknown;
  readonly minHits: number;
  /** Ids that must be among the first 100 hits. */
  readonly ids: readonly string[];
}

/** The feed. */
export interface IncrementalDefinition {
  /** The pause after a pass that found nothing, in ms. */
  readonly everyMs: number;
}

/** A lane that is scheduled shard by shard. */
export interface ShardLaneDefinition {
  /** null: only by hand, and where a refresh is owed. */
  readonly schedule: Schedule | null;
}

export interface ErrorBudget {
  readonly maxFailed: number;
  readonly maxFailedShare: number;
}

/** One index of the configuration, resolved. */
export interface IndexDefinition {
  readonly name: string;
  readonly source: SourceDefinition;
  readonly sink: SinkDefinition;
  readonly transform: Transform | null;
  readonly revision: string | null;
  readonly shards: number;
  readonly rebuild: RebuildDefinition;
  readonly refresh: ShardLaneDefinition;
  readonly verify: ShardLaneDefinition;
  /** null: the index has no feed, and neither changes nor requested keys are followed. */
  readonly incremental: IncrementalDefinition | null;
  readonly errors: ErrorBudget;
  /** SHA-256 over what decides a document: mappings, settings, source, the transform's text, revision. */
  readonly fingerprint: string;
}

/** One of the fixed key ranges of an index, frozen per generation. */
export interface Shard {
  readonly shard: number;
  readonly after: Key | null;
  readonly upTo: Key | null;
}

/** A feed applies what changes in its source. Without it only requested keys are followed, or nothing. */
export function followsSource({ source, incremental }: Pick<IndexDefinition, 'source' | 'incremental'>): boolean {
  return incremental !== null && source.changes !== 'none';
}
