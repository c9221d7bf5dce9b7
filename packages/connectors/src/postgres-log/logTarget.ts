import type { SourceDefinition } from '@reindeer/core';
import type { Pool } from 'pg';
import { EXACT_BOUNDARIES_COST } from '../postgres-source/boundaries.ts';
import type { SourceContext } from '../postgres-source/context.ts';
import type { Dependency } from '../source.ts';
import { DEFAULT_LOG_SCHEMA } from './logSchemaSql.ts';

/** One index's part of the log in its source. */
export interface LogTarget {
  readonly context: SourceContext;
  readonly dependencies: readonly Dependency[];
  /** Where the log is. */
  readonly schema: string;
  readonly writer: Pool;
}

export interface LogTargetOptions {
  /** The connection's name in the configuration. */
  readonly connection: string;
  readonly index: string;
  readonly definition: SourceDefinition;
  readonly dependencies?: readonly Dependency[];
  /** Default `reindeer_log`. */
  readonly schema?: string;
  /**
   * Made by `openLogPool` for a role that owns the followed tables, with two connections at least. The functions will
   * belong to it, and run with its rights. Ended by whoever made it.
   */
  readonly writer: Pool;
}

export function logTarget(options: LogTargetOptions): LogTarget {
  const { connection, index, definition, writer } = options;
  return {
    context: { pool: writer, connection, index, definition, seed: '0', exactBoundariesCost: EXACT_BOUNDARIES_COST },
    dependencies: options.dependencies ?? [],
    schema: options.schema ?? DEFAULT_LOG_SCHEMA,
    writer,
  };
}
