import { randomUUID } from 'node:crypto';
import { readQueueEpoch, voidDeliveries, writeQueueEpoch } from '@reindeer/ledger';
import type { SweepContext } from '../sweepContext.ts';

const CHUNK = 500;

/**
 * A queue that lost its data lost its epoch too (I7): all deliveries are void and made again, each at its time. The
 * epoch is written to the queue last, so that a death in between does it all again.
 */
export async function sweepQueueLoss(context: SweepContext): Promise<void> {
  const { ledger } = context.engine;
  const [inLedger, inQueue] = [await readQueueEpoch(ledger), await context.queue.epoch()];
  if (inLedger !== null && inLedger === inQueue) return;
  const epoch = randomUUID();
  if (inLedger !== null) context.logger.warn('the queue has lost its data; everything unfinished is delivered again');
  // Also what makes the tables again where the queue was a schema that is gone.
  await context.queue.setEpoch('filling');
  await writeQueueEpoch(ledger, epoch);
  const due = await voidDeliveries(ledger);
  for (let from = 0; from < due.length; from += CHUNK) await context.engine.deliver(due.slice(from, from + CHUNK));
  await context.queue.setEpoch(epoch);
}
