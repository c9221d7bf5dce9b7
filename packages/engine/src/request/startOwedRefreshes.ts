import { type IndexDefinition, NO_OPTIONS } from '@reindeer/core';
import { readOwedRefreshes } from '@reindeer/ledger';
import type { EngineContext } from '../context.ts';
import { requestRun } from './requestRun.ts';

/**
 * Starts the refreshes that something made necessary (rule 9), of these indexes. One that is refused now, behind an open
 * run say, is still owed; two that start them at once start each but once (I5).
 */
export async function startOwedRefreshes(
  context: Omit<EngineContext, 'observer'> & Partial<Pick<EngineContext, 'observer'>>,
  indexes: Readonly<Record<string, IndexDefinition>>,
): Promise<void> {
  for (const { index: name, shard, cause, generation } of await readOwedRefreshes(context.ledger)) {
    const index = indexes[name];
    if (index === undefined) continue;
    const answer = await requestRun(context, {
      index,
      lane: 'refresh',
      shard,
      trigger: 'owed',
      actor: 'reindeer',
      slot: null,
      options: { ...NO_OPTIONS, generation },
    });
    if (answer.kind !== 'started') continue;
    context.observer?.event('info', 'an owed refresh was started', { index: name, shard, cause, run: answer.run });
  }
}
