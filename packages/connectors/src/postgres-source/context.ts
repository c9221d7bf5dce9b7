import type { SourceDefinition } from '@reindeer/core';
import type { Pool } from 'pg';

/** What every part of the source needs to know. */
export interface SourceContext {
  readonly pool: Pool;
  /** The connection's name in the configuration. */
  readonly connection: string;
  /** The index's name in the configuration: problems are named by their place in it. */
  readonly index: string;
  readonly definition: SourceDefinition;
  /** Seed of the row hashes, a signed 64-bit integer: another definition makes other fingerprints of the same rows. */
  readonly seed: string;
  readonly exactBoundariesCost: number;
  /** The dependency whose table this is about; null or left out: the index's own. */
  readonly dependency?: string | null;
}

/** A place in the configuration, as messages name it. */
export function placeOf(context: SourceContext, property: keyof SourceDefinition): string {
  const { index, dependency } = context;
  return `indexes.${index}.source.${dependency == null ? '' : `dependencies.${dependency}.`}${property}`;
}
