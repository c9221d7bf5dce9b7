import type { IndexDefinition } from '@reindeer/core';

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
    changes: 'none',
  },
  sink: { connection: 'db', mappings: {}, settings: {} },
  transform: null,
  revision: null,
  shards: 1,
  rebuild: { schedule: null, freshForMs: null, sliceTargetMs: 1_000, slices: 1 },
  refresh: { schedule: null },
  verify: { schedule: null },
  errors: { maxFailed: 0, maxFailedShare: 0 },
  fingerprint: 'one',
};
