import type { Pool } from 'pg';
import type { SourceContext } from '../postgres-source/context.ts';
import type { Dependency } from '../source.ts';
import type { FollowedTable } from './followed.ts';

/** What every part of following the changes needs to know. */
export interface LogContext {
  readonly source: SourceContext;
  /** Where the log is. */
  readonly schema: string;
  readonly dependencies: readonly Dependency[];
  readonly tables: readonly FollowedTable[];
  /** Made by `openLogPool`: reads the log in the order of its index, and prunes. */
  readonly writer: Pool;
}
