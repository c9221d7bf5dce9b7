import { WHOLE_INDEX } from '@reindeer/core';
import { addSlices, type ClaimedTask, completePlan, lastPlannedSlice } from '@reindeer/ledger';
import type { EngineContext } from '../context.ts';

/** Plans the feed: one slice, which its owner never completes. */
export async function planFeed(context: EngineContext, plan: ClaimedTask): Promise<void> {
  if ((await lastPlannedSlice(context.ledger, plan.run)) === null) {
    const slice = { number: 1, shard: WHOLE_INDEX, work: 'changes', after: null, upTo: null, estimate: 0 } as const;
    await context.deliver(await addSlices(context.ledger, plan, [slice]));
  }
  await completePlan(context.ledger, plan);
}
