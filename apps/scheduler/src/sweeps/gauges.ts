import { readEndedRuns, readGauges } from '@reindeer/ledger';
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

/** Counts the runs that ended since the last sweep, while this process leads. */
export function endedRunCounter(): (context: SweepContext) => Promise<void> {
  let since: string | null = null;
  return async ({ engine, metrics }) => {
    const ended = await readEndedRuns(engine.ledger, since);
    since = ended.upTo;
    for (const { status, reason, seconds } of ended.runs) {
      metrics.runs.inc({ state: status, reason: reason ?? '' });
      metrics.runSeconds.observe(seconds);
    }
  };
}
