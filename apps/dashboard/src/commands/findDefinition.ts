import type { ResolvedConfig } from '@reindeer/config';
import type { IndexDefinition } from '@reindeer/core';
import { NotFound } from '../api/NotFound.ts';

/** @throws NotFound when this dashboard's configuration has no such index. */
export function findDefinition(config: ResolvedConfig, index: string): IndexDefinition {
  const definition = Object.hasOwn(config.indexes, index) ? config.indexes[index] : undefined;
  if (definition !== undefined) return definition;
  const names = Object.keys(config.indexes).join(', ') || 'none';
  throw new NotFound('no-such-index', `The configuration has no index ${JSON.stringify(index)}; it has ${names}.`);
}
