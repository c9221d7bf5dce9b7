import type { RunView } from '@reindeer/core';

type Overrides = Partial<Omit<RunView, 'documents'>> & { readonly documents?: Partial<RunView['documents']> };

/** A run for tests of what commands print; what a test does not name is of no consequence to it. */
export function aRun(overrides: Overrides = {}): RunView {
  const { documents, ...rest } = overrides;
  return {
    run: 12,
    index: 'cities',
    lane: 'rebuild',
    shard: null,
    state: 'completed',
    reason: null,
    error: null,
    waitsFor: null,
    generation: 'cities_g3_k3f9',
    trigger: 'manual',
    asked: null,
    caughtUp: false,
    documents: {
      read: 138_398,
      written: 138_398,
      unchanged: 0,
      superseded: 0,
      filtered: 0,
      deleted: 0,
      failed: 0,
      orphans: 0,
      expected: 138_398,
      expectedExact: true,
      ...documents,
    },
    differences: { missing: 0, extra: 0, stale: 0 },
    slices: { total: 16, completed: 11, failed: 0 },
    progress: 1,
    etaMs: 0,
    elapsedMs: 5_121,
    documentsPerSecond: 27_025,
    createdAt: '2026-01-01T00:00:00.000Z',
    startedAt: '2026-01-01T00:00:00.000Z',
    finishedAt: '2026-01-01T00:00:05.121Z',
    ...rest,
  };
}
