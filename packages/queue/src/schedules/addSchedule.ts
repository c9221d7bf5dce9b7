import { ErrorCode, type Queue } from 'bullmq';
import { JOB_OPTIONS } from '../retention.ts';
import type { StoredSchedule } from './stored.ts';

/**
 * Adds a schedule that BullMQ does not have. A tick that a person promoted in Bull Board has ended before its time, and
 * its job has the id of the next one. BullMQ's PostgreSQL backend removes the ended job of a schedule only with the
 * others, so all ended ticks go: the ledger has what was decided.
 */
export async function addSchedule(ticks: Queue, schedule: StoredSchedule): Promise<void> {
  try {
    await upsert(ticks, schedule);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === ErrorCode.SchedulerJobIdCollision)) throw error;
    for (const state of ['completed', 'failed'] as const) await ticks.clean(0, 0, state);
    await upsert(ticks, schedule);
  }
}

async function upsert(ticks: Queue, { id, name, repeat, data }: StoredSchedule): Promise<void> {
  await ticks.upsertJobScheduler(id, repeat, { name, data, opts: JOB_OPTIONS });
}
