import { addTally, budgetSpent, EMPTY_TALLY, RefusedError, WHOLE_INDEX } from '@reindeer/core';
import { type ClaimedTask, completeShardRun, readEvidence } from '@reindeer/ledger';
import type { EngineContext, OpenIndex } from '../context.ts';

/**
 * Completes a refresh or verify whose slices are done. A refresh of a whole shard discharges what was owed on it (rule 9).
 * @throws RefusedError `error-budget`: a run that was over it and is retried finds its slices done, and is over it still.
 */
export async function finishInPlace(context: EngineContext, index: OpenIndex, finish: ClaimedTask): Promise<void> {
  const slices = await readEvidence(context.ledger, finish.run);
  const { failed } = slices.reduce((sum, { tally }) => addTally(sum, tally), EMPTY_TALLY);
  const { errors } = index.definition;
  if (budgetSpent(failed, errors))
    throw new RefusedError(
      'error-budget',
      `${failed} documents were refused; ${errors.maxFailed} are permitted. See \`reindeer show ${finish.run}\` for the causes, mend them or raise errors.maxFailed, then start a new run.`,
    );
  const whole = finish.runShard !== WHOLE_INDEX && finish.options.range === null;
  const discharged = await completeShardRun(context.ledger, finish, finish.lane === 'refresh' && whole);
  if (discharged === 0) return;
  context.observer.event('info', 'an owed refresh is done', {
    run: finish.run,
    index: finish.index,
    shard: finish.runShard,
  });
}
