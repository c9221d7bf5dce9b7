import { InputError } from '@reindeer/core';
import { defaultRepeatStrategy, type JobSchedulerJson, type RepeatOptions } from 'bullmq';
import { schedulerId, tickTitle } from '../names.ts';
import { readTick } from '../payload.ts';
import type { ScheduledTick, ScheduleEntry, TickRef } from '../queue.ts';

/** How BullMQ is told of a schedule. */
export interface StoredSchedule {
  readonly id: string;
  readonly name: string;
  readonly repeat: Omit<RepeatOptions, 'key'>;
  readonly data: TickRef;
}

/**
 * An entry as BullMQ stores it.
 * @throws InputError when its cron expression cannot be read, or never fires.
 */
export function toStored({ index, lane, shard, schedule }: ScheduleEntry): StoredSchedule {
  const data = { index, lane, shard };
  if (schedule.kind === 'cron') checkFires(schedule, tickTitle(data));
  const repeat =
    schedule.kind === 'cron'
      ? { pattern: schedule.cron, tz: schedule.timezone }
      : { every: schedule.everyMs, offset: effectiveOffset(schedule.everyMs, schedule.offsetMs) };
  return { id: schedulerId(data), name: tickTitle(data), repeat, data };
}

/** Whether BullMQ has the schedule as it should be; its own fields are compared, since people can edit them in Bull Board. */
export function isAsWanted(stored: JobSchedulerJson<unknown>, wanted: StoredSchedule): boolean {
  const { every, offset, pattern, tz } = wanted.repeat;
  const sameTimes =
    every === undefined
      ? stored.every === undefined && stored.pattern === pattern && stored.tz === tz
      : stored.pattern === undefined && stored.every === every && stored.offset === offset;
  return (
    sameTimes &&
    stored.name === wanted.name &&
    stored.limit === undefined &&
    stored.startDate === undefined &&
    stored.endDate === undefined &&
    sameTick(stored.template?.data, wanted.data)
  );
}

/** A stored schedule as an entry; null for one that a person made for something else. */
export function fromStored(stored: JobSchedulerJson<unknown>): ScheduledTick | null {
  const tick = tickOrNull(stored.template?.data);
  if (tick === null) return null;
  const next = stored.next ?? null;
  if (stored.pattern !== undefined) {
    return { ...tick, schedule: { kind: 'cron', cron: stored.pattern, timezone: stored.tz ?? 'UTC' }, next };
  }
  if (stored.every === undefined) return null;
  const offsetMs = (stored.offset ?? 0) % stored.every;
  return { ...tick, schedule: { kind: 'every', everyMs: stored.every, offsetMs }, next };
}

function checkFires({ cron, timezone }: { cron: string; timezone: string }, title: string): void {
  const refused = (why: string, cause?: unknown) => {
    const place = `The schedule of ${title}, ${JSON.stringify(cron)} in ${JSON.stringify(timezone)},`;
    return new InputError('schedule', `${place} ${why}. Correct cron or timezone.`, { cause });
  };
  let next: unknown;
  try {
    next = defaultRepeatStrategy(0, { pattern: cron, tz: timezone });
  } catch (error) {
    throw refused(`cannot be read: ${error instanceof Error ? error.message : error}`, error);
  }
  if (typeof next !== 'number') throw refused('never fires');
}

/** BullMQ fires at once when the offset is 0; a whole period means the same instants, without that. */
function effectiveOffset(everyMs: number, offsetMs: number): number {
  return ((offsetMs % everyMs) + everyMs) % everyMs || everyMs;
}

function sameTick(data: unknown, wanted: TickRef): boolean {
  const tick = tickOrNull(data);
  return tick !== null && tick.index === wanted.index && tick.lane === wanted.lane && tick.shard === wanted.shard;
}

function tickOrNull(data: unknown): TickRef | null {
  try {
    return readTick(data);
  } catch {
    return null;
  }
}
