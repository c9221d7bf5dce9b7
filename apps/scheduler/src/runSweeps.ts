import { startOwedRefreshes } from '@reindeer/engine';
import { readGenerations } from '@reindeer/ledger';
import { wantedSchedules } from './schedules.ts';
import type { SweepContext } from './sweepContext.ts';
import { sweepDeadOwners } from './sweeps/deadOwners.ts';
import { sweepFeeds } from './sweeps/feeds.ts';
import { sweepFreshStarts } from './sweeps/freshStarts.ts';
import { sweepGauges } from './sweeps/gauges.ts';
import { sweepIdleRuns } from './sweeps/idleRuns.ts';
import { sweepLogs } from './sweeps/logs.ts';
import { sweepLostDeliveries } from './sweeps/lostDeliveries.ts';
import { sweepPausedQueues } from './sweeps/pausedQueues.ts';
import { sweepQueueLoss } from './sweeps/queueLoss.ts';
import { sweepRetention } from './sweeps/retention.ts';

/**
 * One round of reconciling (I1, I7). Each sweep is safe to repeat and to run beside another's, so the leadership only
 * saves work; one that fails does not keep the others from running.
 * `leasesCount`: false just after the ledger was away, when an ended lease proves no death.
 */
export async function runSweeps(context: SweepContext, leasesCount: boolean): Promise<void> {
  const sweeps: readonly [string, () => Promise<unknown>][] = [
    // Before anything acts on what the ledger says.
    ['restored ledger', () => context.compareLedger(context)],
    ['dead owners', () => (leasesCount ? sweepDeadOwners(context) : Promise.resolve())],
    ['queue loss', () => sweepQueueLoss(context)],
    ['lost deliveries', () => sweepLostDeliveries(context)],
    ['paused queues', () => sweepPausedQueues(context)],
    ['idle runs', () => sweepIdleRuns(context)],
    ['schedules', () => sweepSchedules(context)],
    ['feeds', () => (context.appliesConfiguration ? sweepFeeds(context) : Promise.resolve())],
    ['logs of changes', () => (context.appliesConfiguration ? sweepLogs(context) : Promise.resolve())],
    ['fresh starts', () => (context.appliesConfiguration ? sweepFreshStarts(context) : Promise.resolve())],
    [
      'owed refreshes',
      () =>
        context.appliesConfiguration ? startOwedRefreshes(context.engine, context.config.indexes) : Promise.resolve(),
    ],
    ['gauges', () => sweepGauges(context)],
    ['ended runs', () => context.countEndedRuns(context)],
    ['retention', () => sweepRetention(context)],
    ['tombstones', () => context.purgeTombstones(context)],
  ];
  for (const [name, sweep] of sweeps) {
    if (context.signal.aborted) return;
    try {
      await sweep();
    } catch (error) {
      if (context.signal.aborted) return;
      context.metrics.sweepErrors.inc({ sweep: name });
      context.logger.error({ sweep: name, error }, `the sweep for ${name} failed; it is made again`);
    }
  }
}

async function sweepSchedules(context: SweepContext): Promise<void> {
  if (!context.appliesConfiguration) return;
  const live = await readGenerations(context.engine.ledger, null, ['live']);
  const shards = new Map(live.map(({ index, shardBounds }) => [index, shardBounds.length + 1]));
  const changes = await context.queue.applySchedules(wantedSchedules(context.config, shards));
  if (changes.added + changes.changed + changes.removed > 0)
    context.logger.info(changes, 'schedules were brought up to date');
}
