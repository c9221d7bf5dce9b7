import { randomUUID } from 'node:crypto';
import { RefusedError } from '@reindeer/core';
import type { SourceContext } from '../postgres-source/context.ts';
import type { Position } from '../source.ts';

/**
 * `Position.at` for a modified column: every row stamped below this instant, and committed, was given. Each is the only
 * one of its kind: while a long transaction holds the instant, passes that were applied and passes that were not would
 * otherwise leave the same text.
 */
export function positionText(column: string, below: string): string {
  return JSON.stringify([column, below, randomUUID()]);
}

/**
 * The instant, in the database's own text.
 * @throws RefusedError `changes-pruned`: it is a snapshot, or an instant of another column; neither says what was given
 */
export function instantOf(context: SourceContext, { at }: Position): string {
  const [column, below] = parts(at);
  if (column === context.definition.modified && below !== undefined) return below;
  throw new RefusedError(
    'changes-pruned',
    `The changes of index ${context.index} were followed in another way before than by "${context.definition.modified}". Take a new position, and then refresh or rebuild.`,
  );
}

function parts(at: string): readonly (string | undefined)[] {
  if (!at.startsWith('["')) return [];
  const list: unknown = JSON.parse(at);
  return Array.isArray(list) ? list.map((part) => (typeof part === 'string' ? part : undefined)) : [];
}
