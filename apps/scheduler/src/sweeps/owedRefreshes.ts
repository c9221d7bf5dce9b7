import { NO_OPTIONS } from '@reindeer/core';
import { requestRun } from '@reindeer/engine';
import { readOwedRefreshes } from '@reindeer/ledger';
import type { SweepContext } from '../sweepContext.ts';

/** Starts the refreshes that something made necessary (rule 9). One that is refused now, behind an open run say, is still owed. */
export async function sweepOwedRefreshes(context: SweepContext): Promise<void> {
  for (const { index: name, shard, cause } of await readOwedRefreshes(context.engine.ledger)) {
    const index = context.config.indexes[name];
    if (index === undefined) continue;
    const answer = await requestRun(context.engine, {
      index,
      lane: 'refresh',
      shard,
      trigger: 'owed',
      actor: 'scheduler',
      slot: null,
      options: NO_OPTIONS,
    });
    if (answer.kind !== 'started') continue;
    context.metrics.ticks.inc({ outcome: 'started', reason: '' });
    context.logger.info({ index: name, shard, cause, run: answer.run }, 'an owed refresh was started');
  }
}
