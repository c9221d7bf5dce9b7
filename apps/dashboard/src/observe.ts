import type { ResolvedConfig } from '@reindeer/config';
import { type Ledger, readIndexes } from '@reindeer/ledger';
import type { TaskQueue } from '@reindeer/queue';
import type { Logger, Metrics } from '@reindeer/runtime';

/** Brings the gauges that only ledger and queue know up to now; what cannot be asked is left out, never shown as it was. */
export async function observe(
  config: ResolvedConfig,
  ledger: Ledger,
  queue: TaskQueue,
  metrics: Metrics,
  logger: Logger,
): Promise<void> {
  const [overviews, counts] = await Promise.allSettled([
    readIndexes(ledger),
    queue.counts(Object.keys(config.indexes)),
  ]);
  for (const gauge of [metrics.freshnessSeconds, metrics.slices, metrics.queueJobs]) gauge.reset();
  if (overviews.status === 'fulfilled') {
    for (const { index, freshnessSeconds, openRuns } of overviews.value) {
      if (freshnessSeconds !== null) metrics.freshnessSeconds.set({ index }, freshnessSeconds);
      for (const { slices } of openRuns) {
        metrics.slices.inc({ index, state: 'completed' }, slices.completed);
        metrics.slices.inc({ index, state: 'failed' }, slices.failed);
        metrics.slices.inc({ index, state: 'open' }, slices.total - slices.completed - slices.failed);
      }
    }
  } else {
    logger.warn({ err: overviews.reason }, 'metrics: the ledger does not answer');
  }
  if (counts.status === 'fulfilled') {
    for (const { queue: name, state, count } of counts.value) metrics.queueJobs.set({ queue: name, state }, count);
  } else {
    logger.warn({ err: counts.reason }, 'metrics: the queue does not answer');
  }
}
