import { noteAbsent, waitingTasks } from '@reindeer/ledger';
import { toDeliveries } from '@reindeer/queue';
import type { SweepContext } from '../sweepContext.ts';

const LIMIT = 1_000;

/** Tasks that should be in the queue and are not there, two sweeps in a row: 10,000 waiting slices are not 10,000 lost ones. */
export async function sweepLostDeliveries(context: SweepContext): Promise<void> {
  const { ledger } = context.engine;
  const waiting = await waitingTasks(ledger, context.config.scheduler.sweepMs, LIMIT);
  if (waiting.length === 0) return;
  const there = await context.queue.present(toDeliveries(waiting));
  const present = waiting.filter((_, at) => there[at]);
  const absent = waiting.filter((_, at) => !there[at]);
  const due = await noteAbsent(ledger, absent, present);
  if (due.length === 0) return;
  context.logger.warn({ tasks: due.length }, 'the queue lost these deliveries; they are made again');
  await context.engine.deliver(due);
}
