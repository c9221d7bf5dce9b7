import { CronExpressionParser } from 'cron-parser';
import type { Schedule } from '../definition.ts';

/** When a schedule fires next after `nowMs` (ms since 1970). `offsetMs`: where in its period an `every` fires. */
export function nextTick(schedule: Schedule, nowMs: number, offsetMs = 0): number {
  if (schedule.kind === 'every') {
    const { everyMs } = schedule;
    return Math.floor((nowMs - offsetMs) / everyMs) * everyMs + everyMs + offsetMs;
  }
  return CronExpressionParser.parse(schedule.cron, { tz: schedule.timezone, currentDate: new Date(nowMs) })
    .next()
    .getTime();
}

/** About how long lies between two firings, in ms: the shortest of the next few, for a cron. */
export function periodMs(schedule: Schedule, nowMs: number): number {
  if (schedule.kind === 'every') return schedule.everyMs;
  let shortest = Number.POSITIVE_INFINITY;
  let at = nextTick(schedule, nowMs);
  for (let step = 0; step < 8; step += 1) {
    const next = nextTick(schedule, at);
    shortest = Math.min(shortest, next - at);
    at = next;
  }
  return shortest;
}

/** null when the text is a cron expression that fires in that time zone; else what is wrong with it. */
export function cronProblem(cron: string, timezone: string, nowMs: number): string | null {
  try {
    nextTick({ kind: 'cron', cron, timezone }, nowMs);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
