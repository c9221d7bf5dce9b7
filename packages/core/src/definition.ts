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
  readonly changes: 'none';
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
