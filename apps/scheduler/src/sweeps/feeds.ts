import { NO_OPTIONS, WHOLE_INDEX } from '@reindeer/core';
import { cancelRun, requestRun } from '@reindeer/engine';
import { dropConsumers, endSoaks, readScheduleState } from '@reindeer/ledger';
import type { SweepContext } from '../sweepContext.ts';

/**
 * Every index that is followed has a feed, one open run that never ends; one that is followed no more has none, and keeps no
 * log from being pruned. Generations whose soak is over leave the feed.
 */
export async function sweepFeeds(context: SweepContext): Promise<void> {
  const { engine, logger } = context;
  for (const index of Object.values(context.config.indexes)) {
    if (index.incremental === null) {
      await endFeed(context, index.name);
      continue;
    }
    const answer = await requestRun(engine, {
      index,
      lane: 'incremental',
      shard: WHOLE_INDEX,
      trigger: 'start',
      actor: 'scheduler',
      slot: null,
      options: NO_OPTIONS,
    });
    if (answer.kind === 'started') logger.info({ index: index.name, run: answer.run }, 'the feed was started');
  }
  const soaked = await endSoaks(engine.ledger);
  if (soaked.length > 0) logger.info({ generations: soaked }, 'soaked: not kept current any more');
}

async function endFeed({ engine, logger }: SweepContext, index: string): Promise<void> {
  const { openRun } = await readScheduleState(engine.ledger, index, 'incremental', WHOLE_INDEX, 'incremental');
  if (openRun !== null) {
    const by = { actor: 'scheduler', note: 'changes are not followed any more', force: false };
    await cancelRun(engine, openRun.run, by);
  }
  const dropped = await dropConsumers(engine.ledger, index);
  if (dropped > 0) logger.info({ index, dropped }, 'changes are not followed any more');
}
