import { reclaimDead } from '@reindeer/ledger';
import type { SweepContext } from '../sweepContext.ts';

/** Slices whose owner's lease has ended go to another worker. */
export async function sweepDeadOwners(context: SweepContext): Promise<void> {
  const reclaimed = await reclaimDead(context.engine.ledger, context.config.worker.maxAttempts);
  for (const run of reclaimed.failed) context.logger.error({ run }, 'the run failed: a task lost its worker too often');
  if (reclaimed.due.length === 0) return;
  context.metrics.reclaims.inc(reclaimed.due.length);
  context.logger.warn({ tasks: reclaimed.due.length }, 'tasks of dead workers are delivered again');
  await context.engine.deliver(reclaimed.due);
}
