import { InputError } from '@reindeer/core';
import type { Pool } from 'pg';
import { placeOf, type SourceContext } from '../postgres-source/context.ts';
import type { ChangeLog, Dependency, Position } from '../source.ts';
import { startPass } from './changes.ts';
import { followedTables, inOrder } from './followed.ts';
import type { LogContext } from './logContext.ts';
import { onLog } from './logProblem.ts';
import { logSize } from './logSize.ts';
import { lookAtLog } from './lookAtLog.ts';
import { pruneLog } from './prune.ts';
import { resolveKeys } from './resolve.ts';

/** The log of a source's changes, once it is installed. */
export interface OpenedLog {
  readonly log: ChangeLog;
  /** A position taken now. */
  position(signal: AbortSignal): Promise<Position>;
}

export function openChangeLog(
  source: SourceContext,
  options: { readonly schema: string; readonly dependencies: readonly Dependency[]; readonly writer: Pool },
): OpenedLog {
  const tables = inOrder(followedTables(source, options.dependencies, options.schema));
  if (tables.length === 0) {
    throw new InputError(
      'log-of-nothing',
      `${placeOf(source, 'changes')}: a query has no table whose changes could be followed. Give its tables as dependencies.`,
    );
  }
  const context: LogContext = { source, tables, ...options };
  return {
    position: (signal) => onLog(context, signal, () => lookAtLog(context, [], signal)),
    log: {
      changes: (since, pace, signal, resume) => startPass(context, since, pace, signal, resume),
      size: (signal) => onLog(context, signal, () => logSize(context, signal)),
      prune: (consumers, signal) => onLog(context, signal, () => pruneLog(context, consumers, signal)),
      resolve: (dependency, rows, after, pace, signal) => resolveKeys(context, dependency, rows, after, pace, signal),
    },
  };
}
