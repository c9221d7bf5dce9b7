import type { IndexDefinition } from '@reindeer/core';
import { sourceDefinition } from './sourceDefinition.ts';

/** How a generation comes to be live, as a configuration that says nothing has it. */
export const PROMOTION = {
  maxLagMs: 10_000,
  soakMs: 3_600_000,
  onDefinitionChange: 'alert',
  canaries: [],
} as const satisfies Partial<IndexDefinition['rebuild']>;

/** The index `books` that the test ledger knows, by its fingerprint `one`. */
export const booksDefinition: IndexDefinition = {
  name: 'books',
  source: sourceDefinition('db', 'book'),
  sink: { connection: 'db', mappings: {}, settings: {} },
  transform: null,
  revision: null,
  shards: 1,
  rebuild: { schedule: null, freshForMs: null, sliceTargetMs: 1_000, slices: 1, ...PROMOTION },
  refresh: { schedule: null },
  verify: { schedule: null },
  incremental: null,
  errors: { maxFailed: 0, maxFailedShare: 0 },
  fingerprint: 'one',
};
