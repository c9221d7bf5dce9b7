import type { IndexDefinition } from '@reindeer/core';
import { countWorkers, readEndedRuns, readGauges } from '@reindeer/ledger';
import type { Metrics } from '@reindeer/runtime';
import type { SweepContext } from '../sweepContext.ts';

/** What only the ledger and the queue know, as gauges. */
export async function sweepGauges(context: SweepContext): Promise<void> {
  const { metrics, queue, engine } = context;
  const gauges = await readGauges(engine.ledger);
  const workers = await countWorkers(engine.ledger);
  const counts = await queue.counts(Object.keys(context.config.indexes));
  forgetGauges(metrics);
  for (const { index, state, count } of gauges.slices) metrics.slices.set({ index, state }, count);
  for (const { index, seconds } of gauges.freshness) metrics.freshnessSeconds.set({ index }, seconds);
  for (const { index, seconds } of gauges.refreshOwed) metrics.refreshOwedSeconds.set({ index }, seconds);
  for (const { index, seconds } of gauges.holds) metrics.holdSeconds.set({ index }, seconds);
  for (const definition of Object.values(context.config.indexes)) {
    const targetMs = freshnessTargetMs(definition);
    if (targetMs !== null) metrics.freshnessTargetSeconds.set({ index: definition.name }, targetMs / 1_000);
  }
  metrics.workers.set(workers);
  metrics.progressAgeSeconds.set(gauges.progressAgeSeconds);
  for (const entry of counts) metrics.queueJobs.set({ queue: entry.queue, state: entry.state }, entry.count);
}

/** Another scheduler leads, and its gauges are the true ones: two answers, one of them old, would be none. */
export function forgetGauges(metrics: Metrics): void {
  metrics.slices.reset();
  metrics.freshnessSeconds.reset();
  metrics.freshnessTargetSeconds.reset();
  metrics.refreshOwedSeconds.reset();
  metrics.holdSeconds.reset();
  metrics.queueJobs.reset();
  metrics.progressAgeSeconds.set(0);
  metrics.workers.set(0);
}

/** null: cron alone says no age. */
function freshnessTargetMs({ rebuild }: IndexDefinition): number | null {
  return rebuild.freshForMs ?? (rebuild.schedule?.kind === 'every' ? rebuild.schedule.everyMs : null);
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
