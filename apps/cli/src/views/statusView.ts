import type { IndexOverview } from '@reindeer/ledger';
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
}

/** The overview with what the queue says of its schedules; null where it does not answer. */
export function statusView(overview: IndexOverview, ticks: readonly ScheduledTick[] | null): StatusView {
  return {
    ...overview,
    schedules:
      ticks
        ?.filter((tick) => tick.index === overview.index)
        .map(({ lane, shard, next }) => ({
          lane,
          shard: shard < 0 ? null : shard,
          nextAt: next === null ? null : new Date(next).toISOString(),
        })) ?? null,
  };
}
