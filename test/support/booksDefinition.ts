import type { IndexDefinition } from '@reindeer/core';

/** Of a source whose changes are not followed. */
export const NOT_FOLLOWED = {
  changes: 'none',
  modified: null,
  lagMs: 300_000,
  log: { schema: 'reindeer_log', maxRows: 100_000_000, maxBytes: 20_000_000_000, maxAgeMs: 604_800_000 },
  dependencies: [],
} as const satisfies Partial<IndexDefinition['source']>;

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
  source: {
    connection: 'db',
    table: { schema: 'public', name: 'book' },
    query: null,
    key: ['id'],
    columns: null,
    where: null,
    deleted: null,
    ...NOT_FOLLOWED,
  },
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
