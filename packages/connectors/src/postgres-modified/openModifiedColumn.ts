import { InputError } from '@reindeer/core';
import { placeOf, type SourceContext } from '../postgres-source/context.ts';
import { explained } from '../postgres-source/explained.ts';
import type { ChangeLog, Position } from '../source.ts';
import { describeModified } from './describeModified.ts';
import { GivenMemory } from './givenRows.ts';
import { modifiedPosition, startModifiedPass } from './modifiedPass.ts';

/** A column that says when a row was modified, as a log of changes that has only the last change of rows that are there. */
export interface OpenedColumn {
  readonly log: ChangeLog;
  /** A position taken now. */
  position(signal: AbortSignal): Promise<Position>;
  warnings(signal: AbortSignal): Promise<string[]>;
}

export function openModifiedColumn(context: SourceContext): OpenedColumn {
  if (context.definition.modified === null) {
    throw new InputError(
      'modified-missing',
      `${placeOf(context, 'modified')} is missing: name the column that says when a row was last modified.`,
    );
  }
  const memory = new GivenMemory();
  return {
    position: (signal) => explained(context, signal, () => modifiedPosition(context, signal)),
    warnings: (signal) => explained(context, signal, () => describeModified(context, signal)),
    log: {
      changes: (since, pace, signal, resume) => startModifiedPass(context, memory, since, pace, signal, resume),
      // The rows themselves are the log: it takes no room of its own.
      size: async () => ({ rows: 0, bytes: 0 }),
      prune: async () => 0,
      // biome-ignore lint/correctness/useYield: it has nothing to give
      resolve: async function* (dependency) {
        throw new InputError(
          'dependency-unknown',
          `Index ${context.index} has no dependency "${dependency}": only changes: 'log' follows other tables.`,
        );
      },
    },
  };
}
