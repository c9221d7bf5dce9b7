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
