import type { Ledger } from '../ledger.ts';
import { type Released, releaseHolds } from './releaseHolds.ts';
import { setHold } from './setHold.ts';

/** The reason of the hold that stands for a queue paused in Bull Board. */
export const QUEUE_PAUSED = 'queue-paused';

/**
 * Makes the ledger say what the queue says: a pause in Bull Board becomes a hold on the index, a resume releases it.
 * Both change nothing when it is so already, so the dashboard and the reconciler may both come here. Gives what was
 * released, with the tasks that are due again; the next sweep delivers those that the caller does not.
 */
export async function mirrorQueuePause(
  ledger: Ledger,
  change: { readonly index: string; readonly paused: boolean; readonly actor: string },
): Promise<Released> {
  const scope = { index: change.index, lane: null, run: null, reason: QUEUE_PAUSED, actor: change.actor };
  if (!change.paused) return releaseHolds(ledger, scope);
  await setHold(ledger, { ...scope, note: 'paused in Bull Board' });
  return { holds: 0, due: [] };
}
