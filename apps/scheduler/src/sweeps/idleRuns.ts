import { resumeUnheld, settleHanging, supersedeInPlaceRuns } from '@reindeer/ledger';
import type { SweepContext } from '../sweepContext.ts';

/** Runs on a generation that is live no more; runs that are pausing or cancelling and have nothing running any more, or pause although nothing holds them. */
export async function sweepIdleRuns(context: SweepContext): Promise<void> {
  const superseded = await supersedeInPlaceRuns(context.engine.ledger);
  if (superseded.length > 0) context.logger.info({ runs: superseded }, 'superseded: another generation is live');
  const settled = await settleHanging(context.engine.ledger);
  if (settled.length > 0) context.logger.info({ runs: settled }, 'paused or cancelled: nothing of them runs any more');
  const resumed = await resumeUnheld(context.engine.ledger);
  await context.engine.deliver(resumed);
}
