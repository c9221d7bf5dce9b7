import { NO_OPTIONS, WHOLE_INDEX } from '@reindeer/core';
import { requestRun } from '@reindeer/engine';
import type { SweepContext } from '../sweepContext.ts';

/**
 * The at-start rule, also while running: an index without a live generation, or whose last indexing is older than
 * `freshFor`, is rebuilt now; failed runs back off in the ledger. Only a start is worth a record here.
 */
export async function sweepFreshStarts(context: SweepContext): Promise<void> {
  for (const index of Object.values(context.config.indexes)) {
    const answer = await requestRun(context.engine, {
      index,
      lane: 'rebuild',
      shard: WHOLE_INDEX,
      trigger: 'start',
      actor: 'scheduler',
      slot: null,
      options: NO_OPTIONS,
    });
    if (answer.kind !== 'started') continue;
    context.metrics.ticks.inc({ outcome: 'started', reason: '' });
    context.logger.info({ index: index.name, run: answer.run }, 'rebuild started: nothing fresh is live');
  }
}
