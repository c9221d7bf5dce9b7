import type { ResolvedConfig } from '@reindeer/config';
import { staggerMs, WHOLE_INDEX } from '@reindeer/core';
import type { ScheduleEntry } from '@reindeer/queue';

/** The schedules that a configuration asks for. A rebuild is of the whole index. */
export function wantedSchedules(config: ResolvedConfig): readonly ScheduleEntry[] {
  const entries: ScheduleEntry[] = [];
  for (const index of Object.values(config.indexes)) {
    const { schedule } = index.rebuild;
    if (schedule === null) continue;
    const ref = { index: index.name, lane: 'rebuild', shard: WHOLE_INDEX } as const;
    entries.push({
      ...ref,
      schedule:
        schedule.kind === 'cron'
          ? schedule
          : {
              kind: 'every',
              everyMs: schedule.everyMs,
              offsetMs: staggerMs({ ...ref, shards: 1, periodMs: schedule.everyMs }),
            },
    });
  }
  return entries;
}
