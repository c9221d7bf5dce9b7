import type { ResolvedConfig } from '@reindeer/config';
import { type IndexDefinition, type Lane, SHARD_LANES, scheduleOf, staggerMs, WHOLE_INDEX } from '@reindeer/core';
import type { ScheduleEntry } from '@reindeer/queue';

/**
 * The schedules that a configuration asks for: a rebuild is of the whole index, refresh and verify have one for each
 * shard, spread over their period.
 * @param liveShards shards of each index's live generation: its bounds are frozen, whatever the configuration says now
 */
export function wantedSchedules(
  config: Pick<ResolvedConfig, 'indexes'>,
  liveShards: ReadonlyMap<string, number>,
): readonly ScheduleEntry[] {
  return Object.values(config.indexes).flatMap((index) => {
    const shards = liveShards.get(index.name) ?? index.shards;
    return [
      ...entries(index, 'rebuild', [WHOLE_INDEX]),
      ...SHARD_LANES.flatMap((lane) =>
        entries(
          index,
          lane,
          Array.from({ length: shards }, (_, shard) => shard),
        ),
      ),
    ];
  });
}

function entries(index: IndexDefinition, lane: Lane, shards: readonly number[]): readonly ScheduleEntry[] {
  const schedule = scheduleOf(index, lane);
  if (schedule === null) return [];
  return shards.map((shard) => {
    const ref = { index: index.name, lane, shard };
    if (schedule.kind === 'cron') return { ...ref, schedule };
    const { everyMs } = schedule;
    return {
      ...ref,
      schedule: {
        kind: 'every',
        everyMs,
        offsetMs: staggerMs({ ...ref, shards: shards.length, periodMs: everyMs }),
      },
    };
  });
}
