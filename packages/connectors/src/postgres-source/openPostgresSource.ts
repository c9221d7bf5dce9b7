import { createHash } from 'node:crypto';
import type { SourceDefinition } from '@reindeer/core';
import type { Pool } from 'pg';
import { addressOf } from '../postgres/Address.ts';
import { DEFAULT_LOG_SCHEMA, openChangeLog, openLogPool } from '../postgres-log/index.ts';
import { openModifiedColumn } from '../postgres-modified/index.ts';
import type { ChangeLog, Dependency, Position, Source } from '../source.ts';
import { EXACT_BOUNDARIES_COST, findBoundaries } from './boundaries.ts';
import type { SourceContext } from './context.ts';
import { describeTable } from './describe.ts';
import { digestRows } from './digest.ts';
import { explained, explainedEach } from './explained.ts';
import { listFingerprints } from './fingerprints.ts';
import { sourceIdentity, sourcePosition } from './identity.ts';
import { intersect } from './intersect.ts';
import { openSourcePool } from './openSourcePool.ts';
import { openTransactions } from './openTransactions.ts';
import { readPages } from './read.ts';
import { presentKeys, readKeys } from './readKeys.ts';
import { shardsOf } from './shardsOf.ts';
import { stay } from './stay.ts';

export interface PostgresSourceOptions {
  readonly connection: { readonly name: string; readonly url: string };
  /** The index's name: problems are named by their place in the configuration. */
  readonly index: string;
  readonly definition: SourceDefinition;
  /** The definition's fingerprint: goes into f1 and f2 of every row (rule 18). */
  readonly fingerprint: string;
  /**
   * Made by `openSourcePool`, shared with others, and ended by whoever made it. Default: one of its own, of 4
   * connections. Each read uses one at a time; more reads wait for each other.
   */
  readonly pool?: Pool;
  /** The planner's cost up to which boundaries are exact. Default 50,000, about half a million keys; above they are sampled. */
  readonly exactBoundariesCost?: number;
  /** How changes are followed. Default: they are not. */
  readonly changes?: FollowedLog | FollowedColumn;
}

/** Follows the changes in the log that `installLog` has made. */
export interface FollowedLog {
  readonly kind: 'log';
  /** Default `reindeer_log`. */
  readonly schema?: string;
  readonly dependencies?: readonly Dependency[];
  /** Made by `openLogPool`, and ended by whoever made it. Default: one of its own. */
  readonly writer?: Pool;
}

/** Finds changes by the definition's `modified` and `lagMs`. */
export interface FollowedColumn {
  readonly kind: 'modified-column';
}

/**
 * A table or query of PostgreSQL 13 or newer as a source. Connects on first use.
 * All calls reject with InputError for what the configuration must change, with UnavailableError('source-unavailable')
 * when the server does not answer or not in time, and with the signal's reason when it aborts.
 */
export function openPostgresSource(options: PostgresSourceOptions): Source {
  const pool = options.pool ?? openSourcePool(options.connection.url);
  const context: SourceContext = {
    pool,
    connection: options.connection.name,
    index: options.index,
    definition: options.definition,
    seed: createHash('sha256').update(options.fingerprint).digest().readBigInt64BE(0).toString(),
    exactBoundariesCost: options.exactBoundariesCost ?? EXACT_BOUNDARIES_COST,
  };
  const followed = follow(context, options);
  let closing: Promise<void> | undefined;
  return {
    capabilities: { changes: options.changes?.kind ?? 'none' },
    log: followed?.log ?? null,
    describe: async (signal) => {
      const description = await explained(context, signal, () => describeTable(context, signal));
      return { ...description, warnings: [...description.warnings, ...((await followed?.warnings(signal)) ?? [])] };
    },
    identity: (signal) => explained(context, signal, () => sourceIdentity(context, signal)),
    stay: () => stay(context),
    reconnect: () => addressOf(pool.options.connectionString).renew(),
    position: (signal) =>
      followed?.position(signal) ?? explained(context, signal, () => sourcePosition(context, signal)),
    boundaries: (range, pieces, signal) =>
      explainedEach(context, signal, findBoundaries(context, range, pieces, signal)),
    read: (range, pace, ticket, signal) => readPages(context, range, pace, ticket, signal),
    readKeys: (keys, range, ticket, signal) =>
      explained(context, signal, () => readKeys(context, keys, range, ticket, signal)),
    present: (keys, range, signal) => explained(context, signal, () => presentKeys(context, keys, range, signal)),
    digest: (range, bits, signal) => explained(context, signal, () => digestRows(context, range, bits, signal)),
    fingerprints: (range, buckets, pace, signal) =>
      explainedEach(context, signal, listFingerprints(context, range, buckets, pace, signal)),
    shardsOf: (keys, bounds, signal) => explained(context, signal, () => shardsOf(context, keys, bounds, signal)),
    intersect: (a, b, signal) => explained(context, signal, () => intersect(context, a, b, signal)),
    transactions: (signal) => explained(context, signal, () => openTransactions(context, signal)),
    close: () => {
      closing ??= Promise.all([options.pool === undefined ? pool.end() : undefined, followed?.close()]).then(
        () => undefined,
      );
      return closing;
    },
  };
}

interface Followed {
  readonly log: ChangeLog;
  position(signal: AbortSignal): Promise<Position>;
  warnings(signal: AbortSignal): Promise<readonly string[]>;
  close(): Promise<void>;
}

function follow(context: SourceContext, { changes, connection }: PostgresSourceOptions): Followed | null {
  if (changes === undefined) return null;
  if (changes.kind === 'modified-column') return { ...openModifiedColumn(context), close: async () => {} };
  const { schema = DEFAULT_LOG_SCHEMA, dependencies = [] } = changes;
  const writer = changes.writer ?? openLogPool(connection.url);
  return {
    ...openChangeLog(context, { schema, dependencies, writer }),
    warnings: async () => [],
    close: async () => {
      if (changes.writer === undefined) await writer.end();
    },
  };
}
