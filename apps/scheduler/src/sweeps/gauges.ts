import { readGauges } from '@reindeer/ledger';
import type { SweepContext } from '../sweepContext.ts';

/** What only the ledger and the queue know, as gauges. */
export async function sweepGauges(context: SweepContext): Promise<void> {
  const { metrics, queue, engine } = context;
  const gauges = await readGauges(engine.ledger);
  metrics.slices.reset();
  for (const { index, state, count } of gauges.slices) metrics.slices.set({ index, state }, count);
  metrics.freshnessSeconds.reset();
  for (const { index, seconds } of gauges.freshness) metrics.freshnessSeconds.set({ index }, seconds);
  metrics.progressAgeSeconds.set(gauges.progressAgeSeconds);
  metrics.queueJobs.reset();
  for (const entry of await queue.counts(Object.keys(context.config.indexes))) {
    metrics.queueJobs.set({ queue: entry.queue, state: entry.state }, entry.count);
  }
}
