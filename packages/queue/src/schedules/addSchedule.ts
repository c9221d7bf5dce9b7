import { ErrorCode, type Job, type Queue } from 'bullmq';
import { JOB_OPTIONS } from '../retention.ts';
import type { StoredSchedule } from './stored.ts';

/**
 * Adds a schedule that BullMQ does not have. A tick that a person promoted in Bull Board has ended before its time, and
 * its job's id is that of the next tick: it is removed, so that the schedule need not wait for that time to pass.
 */
export async function addSchedule(ticks: Queue, schedule: StoredSchedule): Promise<void> {
  try {
    await upsert(ticks, schedule);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === ErrorCode.SchedulerJobIdCollision)) throw error;
    const ended: Job[] = await ticks.getJobs(['completed', 'failed']);
    const now = Date.now();
    const early = ended.filter((job) => slotOf(job.id, schedule.id) > now);
    await Promise.all(early.map((job) => job.remove()));
    await upsert(ticks, schedule);
  }
}

async function upsert(ticks: Queue, { id, name, repeat, data }: StoredSchedule): Promise<void> {
  await ticks.upsertJobScheduler(id, repeat, { name, data, opts: JOB_OPTIONS });
}

/** The time, in ms since 1970, that the job of this schedule was for; 0 for another job. */
function slotOf(jobId: string | undefined, schedulerId: string): number {
  const prefix = `repeat:${schedulerId}:`;
  return jobId?.startsWith(prefix) === true ? Number(jobId.slice(prefix.length)) : 0;
}
