import { DelayedError, type Job } from 'bullmq';
import type { Backend } from './backend.ts';
import type { ConsumerSettings } from './consumer.ts';
import { isLockLost } from './errors/isLockLost.ts';

/**
 * Gives a job back to its queue: it is delivered again after the delay, as the same job, behind others.
 * Whatever goes wrong, BullMQ then leaves the job alone: without a lock it stalls and comes back.
 */
export async function giveBack(
  backend: Backend,
  job: Job,
  token: string | undefined,
  delayMs: number,
  settings: ConsumerSettings,
): Promise<never> {
  try {
    await backend.behindOthers(job, token);
    await job.moveToDelayed(Date.now() + Math.max(0, Math.round(delayMs)), token);
  } catch (error) {
    if (isLockLost(error)) settings.debug(error);
    else settings.report(error);
  }
  throw new DelayedError();
}
