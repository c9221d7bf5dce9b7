import type { JobSchedulerJson, Queue } from 'bullmq';
import type { ScheduleEntry } from '../queue.ts';
import { addSchedule } from './addSchedule.ts';
import { isAsWanted, toStored } from './stored.ts';

/** Schedules under way at once. */
const PARALLEL = 50;
/** A schedule whose next tick is this late may have lost its job. */
const STUCK_AFTER_MS = 60_000;

/**
 * Makes the schedules of the `ticks` queue those that are wanted. One that is right is left alone; one that is not is
 * removed and added again, because BullMQ ignores a new offset and fires at once on a new period.
 * A crash between the two leaves it missing until the next call.
 * @throws InputError before anything is changed, when a cron expression never fires.
 */
export async function applySchedules(ticks: Queue, entries: readonly ScheduleEntry[]) {
  const wanted = new Map(entries.map(toStored).map((schedule) => [schedule.id, schedule]));
  const stored = new Map((await ticks.getJobSchedulers()).map((scheduler) => [scheduler.key, scheduler]));
  const done = { added: 0, changed: 0, removed: 0 };

  const steps: (() => Promise<void>)[] = [];
  for (const id of stored.keys()) {
    if (wanted.has(id)) continue;
    steps.push(async () => {
      if (await ticks.removeJobScheduler(id)) done.removed += 1;
    });
  }
  for (const schedule of wanted.values()) {
    const scheduler = stored.get(schedule.id);
    steps.push(async () => {
      if (scheduler === undefined) {
        await addSchedule(ticks, schedule);
        done.added += 1;
      } else if (!isAsWanted(scheduler, schedule) || (await isStuck(ticks, scheduler))) {
        await ticks.removeJobScheduler(schedule.id);
        await addSchedule(ticks, schedule);
        done.changed += 1;
      }
    });
  }
  for (let at = 0; at < steps.length; at += PARALLEL) {
    await Promise.all(steps.slice(at, at + PARALLEL).map((step) => step()));
  }
  return done;
}

/** The tick is due for long, but its job is finished or gone: nothing would ever make the next one. */
async function isStuck(ticks: Queue, scheduler: JobSchedulerJson<unknown>): Promise<boolean> {
  if (scheduler.next === undefined || scheduler.next > Date.now() - STUCK_AFTER_MS) return false;
  const state = await ticks.getJobState(`repeat:${scheduler.key}:${scheduler.next}`);
  return state === 'completed' || state === 'failed' || state === 'unknown';
}
