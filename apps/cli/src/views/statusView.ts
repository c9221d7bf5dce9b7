import type { RunView } from '@reindeer/core';
import type { IndexHealth, IndexOverview, RunTrouble } from '@reindeer/ledger';
import type { ScheduledTick } from '@reindeer/queue';

/** When a lane of an index runs next by itself. */
export interface NextTick {
  readonly lane: string;
  /** null: the whole index. */
  readonly shard: number | null;
  /** null: not known. */
  readonly nextAt: string | null;
}

/** An index as `status` gives it. */
export interface StatusView extends IndexOverview {
  /** null: the queue does not answer. */
  readonly schedules: readonly NextTick[] | null;
  /** How its shards stand; null: nothing is live. */
  readonly health: IndexHealth | null;
  /** The last rebuilds, and of refresh and verify the last of each shard, newest first. */
  readonly lastByLane: readonly RunView[];
  /** Why its open runs do not get on; empty when they do. */
  readonly troubles: readonly RunTrouble[];
}

export interface StatusParts {
  /** null: the queue does not answer. */
  readonly ticks: readonly ScheduledTick[] | null;
  readonly health: readonly IndexHealth[];
  readonly lastRuns: readonly RunView[];
  readonly troubles: readonly RunTrouble[];
}

/** The overview of an index with what queue and ledger say of its schedules, shards and last runs. */
export function statusView(overview: IndexOverview, { ticks, health, lastRuns, troubles }: StatusParts): StatusView {
  const { index } = overview;
  return {
    ...overview,
    schedules:
      ticks
        ?.filter((tick) => tick.index === index)
        .map(({ lane, shard, next }) => ({
          lane,
          shard: shard < 0 ? null : shard,
          nextAt: next === null ? null : new Date(next).toISOString(),
        })) ?? null,
    health: health.find((one) => one.index === index) ?? null,
    lastByLane: lastRuns.filter((run) => run.index === index),
    // What is wrong with a feed that stands is said where changes are.
    troubles: troubles.filter(
      ({ run }) =>
        overview.openRuns.some((open) => open.run === run) &&
        !(overview.feed?.state === 'stands' && overview.feed.run === run),
    ),
  };
}
