import type { RunView } from '@reindeer/core';
import { formatMoment, plural } from '../terminal/format.ts';
import { laneText } from './laneText.ts';

/**
 * Lanes whose last run failed, a line each: of all their shards, which runs, why, and where more is said. A rebuild that
 * was completed since makes what failed on shards of the generation before it a thing of the past.
 */
export function failedLanes(lastByLane: readonly RunView[], nowMs: number): readonly string[] {
  const newest = new Map<string, RunView>();
  // A promotion by hand that was refused was told to whoever asked for it.
  for (const run of lastByLane)
    if (run.lane !== 'promote') if (!newest.has(laneText(run))) newest.set(laneText(run), run);
  const rebuilt = lastByLane.find(({ lane, state }) => lane === 'rebuild' && state === 'completed')?.run ?? 0;
  const failed = [...newest.values()].filter(({ state, run }) => state === 'failed' && (run ?? 0) > rebuilt);
  return [...Map.groupBy(failed, ({ lane, reason }) => `${lane} ${reason}`).values()].flatMap((those) => {
    const [last] = those;
    if (last === undefined) return [];
    const who = those.length === 1 ? laneText(last) : `${last.lane} of ${plural(those.length, 'shard')}`;
    return `last ${who} failed (${last.reason ?? 'error'}) ${formatMoment(last.finishedAt ?? last.createdAt, nowMs)}: reindeer show ${last.run}`;
  });
}
