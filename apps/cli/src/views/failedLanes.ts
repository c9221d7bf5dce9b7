import type { RunView } from '@reindeer/core';
import { formatMoment, plural } from '../terminal/format.ts';
import { laneText } from './laneText.ts';

/** A lane whose last run failed; of several shards that failed alike, the newest run. */
export interface FailedLane {
  readonly last: RunView;
  readonly who: string;
}

/**
 * Lanes whose last run failed, one for all their shards that failed alike. A rebuild that was completed since makes what
 * failed on shards of the generation before it a thing of the past.
 */
export function lanesThatFailed(lastByLane: readonly RunView[]): readonly FailedLane[] {
  // A promotion by hand that was refused was told to whoever asked for it.
  const kept = lastByLane.filter(({ lane }) => lane !== 'promote');
  const newest = new Map<string, RunView>();
  for (const run of kept) if (!newest.has(laneText(run))) newest.set(laneText(run), run);
  const rebuilt = lastByLane.find(({ lane, state }) => lane === 'rebuild' && state === 'completed')?.run ?? 0;
  const failed = [...newest.values()].filter(({ state, run }) => state === 'failed' && (run ?? 0) > rebuilt);
  return [...Map.groupBy(failed, ({ lane, reason }) => `${lane} ${reason}`).values()].flatMap((those) => {
    const [last] = those;
    if (last === undefined) return [];
    return { last, who: those.length === 1 ? laneText(last) : `${last.lane} of ${plural(those.length, 'shard')}` };
  });
}

/** The same as lines: which runs, why, and where more is said. */
export function failedLanes(lastByLane: readonly RunView[], nowMs: number): readonly string[] {
  return lanesThatFailed(lastByLane).map(
    ({ last, who }) =>
      `last ${who} failed (${last.reason ?? 'error'}) ${formatMoment(last.finishedAt ?? last.createdAt, nowMs)}: reindeer show ${last.run}`,
  );
}
