import { WHOLE_INDEX } from '@reindeer/core';
import { type ClaimedTask, completeShardRun } from '@reindeer/ledger';
import type { EngineContext } from '../context.ts';

/** Completes a refresh or verify whose slices are done. A refresh of a whole shard discharges what was owed on it (rule 9). */
export async function finishInPlace(context: EngineContext, finish: ClaimedTask): Promise<void> {
  const whole = finish.runShard !== WHOLE_INDEX && finish.options.range === null;
  const discharged = await completeShardRun(context.ledger, finish, finish.lane === 'refresh' && whole);
  if (discharged === 0) return;
  context.observer.event('info', 'an owed refresh is done', {
    run: finish.run,
    index: finish.index,
    shard: finish.runShard,
  });
}
