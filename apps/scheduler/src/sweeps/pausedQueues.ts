import { mirrorQueuePause, QUEUE_PAUSED, readActiveHolds } from '@reindeer/ledger';
import type { SweepContext } from '../sweepContext.ts';

/** A queue that was paused by hand becomes a hold, so that everybody sees it; resuming the queue there releases it. */
export async function sweepPausedQueues(context: SweepContext): Promise<void> {
  const { ledger, deliver } = context.engine;
  const queues = await context.queue.pausedQueues(Object.keys(context.config.indexes));
  const paused = new Set(queues.map((queue) => queue.index));
  const holds = await readActiveHolds(ledger);
  const held = new Set(
    holds.flatMap((hold) => (hold.reason === QUEUE_PAUSED && hold.index !== null ? [hold.index] : [])),
  );
  for (const index of paused.difference(held)) {
    await mirrorQueuePause(ledger, { index, paused: true, actor: 'Bull Board' });
    context.logger.warn({ index }, 'a queue was paused; the index is on hold');
  }
  for (const index of held.difference(paused)) {
    const released = await mirrorQueuePause(ledger, { index, paused: false, actor: 'Bull Board' });
    await deliver(released.due);
    context.logger.info({ index }, 'its queue was resumed; the hold is released');
  }
}
