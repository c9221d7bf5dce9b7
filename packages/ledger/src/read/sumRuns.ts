import { addTally, EMPTY_TALLY, type RunState, type RunView } from '@reindeer/core';

/**
 * Several runs as one, with `run: null`: the last line of what one request started on several shards.
 * Its state is the worst: failed, then cancelled, then that of one still open. Null for no runs.
 */
export function sumRuns(views: readonly RunView[]): RunView | null {
  const [first] = views;
  if (first === undefined) return null;
  const decisive = worst(views) ?? first;
  const tally = views.reduce((sum, view) => addTally(sum, view.documents), EMPTY_TALLY);
  const expected = views.reduce<number | null>((sum, { documents }) => plus(sum, documents.expected), 0);
  const finished = views.every((view) => view.finishedAt !== null);
  const startedAt = least(views.map((view) => view.startedAt));
  const finishedAt = finished ? greatest(views.map((view) => view.finishedAt)) : null;
  const elapsedMs =
    startedAt !== null && finishedAt !== null
      ? Date.parse(finishedAt) - Date.parse(startedAt)
      : Math.max(...views.map((view) => view.elapsedMs));
  const weights = views.map((view) => view.documents.expected ?? 0);
  const weight = weights.reduce((sum, one) => sum + one, 0);
  const progress = views.reduce(
    (sum, view, at) => sum + view.progress * (weight > 0 ? (weights[at] ?? 0) / weight : 1 / views.length),
    0,
  );
  return {
    ...first,
    run: null,
    shard: null,
    state: decisive.state,
    reason: decisive.reason,
    error: decisive.error,
    generation: views.every((view) => view.generation === first.generation) ? first.generation : null,
    caughtUp: views.every((view) => view.caughtUp),
    documents: { ...tally, expected, expectedExact: views.every((view) => view.documents.expectedExact) },
    differences: {
      missing: total(views, (view) => view.differences.missing),
      extra: total(views, (view) => view.differences.extra),
      stale: total(views, (view) => view.differences.stale),
    },
    slices: {
      total: total(views, (view) => view.slices.total),
      completed: total(views, (view) => view.slices.completed),
      failed: total(views, (view) => view.slices.failed),
    },
    progress: Math.min(1, progress),
    etaMs: views.some((view) => view.etaMs === null) ? null : Math.max(...views.map((view) => view.etaMs ?? 0)),
    elapsedMs,
    documentsPerSecond: elapsedMs > 0 ? Math.round((tally.read * 1000) / elapsedMs) : 0,
    createdAt: least(views.map((view) => view.createdAt)) ?? first.createdAt,
    startedAt,
    finishedAt,
  };
}

const CALM: readonly RunState[] = ['completed'];

function worst(views: readonly RunView[]): RunView | undefined {
  return (
    views.find((view) => view.state === 'failed') ??
    views.find((view) => view.state === 'cancelled') ??
    views.find((view) => !CALM.includes(view.state))
  );
}

function total(views: readonly RunView[], of: (view: RunView) => number): number {
  return views.reduce((sum, view) => sum + of(view), 0);
}

function plus(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}

// ISO texts in UTC of one length: their order is that of time.
function least(times: readonly (string | null)[]): string | null {
  return times.filter((time) => time !== null).sort()[0] ?? null;
}

function greatest(times: readonly (string | null)[]): string | null {
  return (
    times
      .filter((time) => time !== null)
      .sort()
      .at(-1) ?? null
  );
}
