import type { SourceDefinition } from '@reindeer/core';

/** Reads the whole of one table, whose key is `id`, or the query that is given instead; its changes are not followed. */
export function sourceDefinition(
  connection: string,
  table: string,
  change: Partial<SourceDefinition> = {},
): SourceDefinition {
  return {
    connection,
    table: change.query == null ? { schema: 'public', name: table } : null,
    query: null,
    key: ['id'],
    columns: null,
    where: null,
    deleted: null,
    changes: 'none',
    modified: null,
    lagMs: 300_000,
    log: { schema: 'reindeer_log', maxRows: 100_000_000, maxBytes: 20_000_000_000, maxAgeMs: 604_800_000 },
    dependencies: [],
    ...change,
  };
}
