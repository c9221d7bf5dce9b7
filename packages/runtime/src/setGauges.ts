import type { IndexDefinition } from '@reindeer/core';
import type { Metrics } from './createMetrics.ts';

/** What the ledger knows of the whole deployment, as its `readGauges` gives it. */
export interface LedgerState {
  readonly slices: readonly { readonly index: string; readonly state: string; readonly count: number }[];
  readonly shards: readonly ShardFreshness[];
  readonly progressAgeSeconds: number;
  readonly definitions: readonly { readonly index: string; readonly mismatch: boolean }[];
  readonly owedRefreshes: readonly { readonly index: string; readonly count: number }[];
  readonly refreshOwed: readonly { readonly index: string; readonly seconds: number }[];
  readonly holds: readonly { readonly index: string; readonly seconds: number }[];
  readonly feeds: readonly {
    readonly index: string;
    readonly lagSeconds: number | null;
    readonly requestedKeys: number;
  }[];
  readonly failedRuns: readonly { readonly index: string; readonly lane: string; readonly count: number }[];
  readonly workers: number;
}

export interface ShardFreshness {
  readonly index: string;
  readonly shard: number;
  readonly seconds: number;
}

export type QueueState = readonly { readonly queue: string; readonly state: string; readonly count: number }[];

/** Sets the gauges of ledger and queue; what could not be asked (null) is left out, never shown as it was. */
export function setGauges(
  metrics: Metrics,
  indexes: Readonly<Record<string, IndexDefinition>>,
  ledger: LedgerState | null,
  queue: QueueState | null,
): void {
  forgetGauges(metrics);
  for (const { queue: name, state, count } of queue ?? []) metrics.queueJobs.set({ queue: name, state }, count);
  for (const definition of Object.values(indexes)) {
    const targetMs = freshnessTargetMs(definition);
    if (targetMs !== null) metrics.freshnessTargetSeconds.set({ index: definition.name }, targetMs / 1_000);
    const lagMs = lagTargetMs(definition);
    if (lagMs !== null) metrics.lagTargetSeconds.set({ index: definition.name }, lagMs / 1_000);
  }
  if (ledger === null) return;
  for (const { index, state, count } of ledger.slices) metrics.slices.set({ index, state }, count);
  for (const [index, seconds] of oldest(ledger.shards)) metrics.freshnessSeconds.set({ index }, seconds);
  for (const { index, mismatch } of ledger.definitions) metrics.definitionMismatch.set({ index }, mismatch ? 1 : 0);
  for (const { index, count } of ledger.owedRefreshes) metrics.owedRefreshes.set({ index }, count);
  for (const { index, seconds } of ledger.refreshOwed) metrics.refreshOwedSeconds.set({ index }, seconds);
  for (const { index, seconds } of ledger.holds) metrics.holdSeconds.set({ index }, seconds);
  for (const { index, lagSeconds, requestedKeys } of ledger.feeds) {
    if (lagSeconds !== null) metrics.lagSeconds.set({ index }, lagSeconds);
    metrics.requestedKeys.set({ index }, requestedKeys);
  }
  for (const { index, lane, count } of ledger.failedRuns) metrics.failedRuns.set({ index, lane }, count);
  metrics.progressAgeSeconds.set(ledger.progressAgeSeconds);
  metrics.workers.set(ledger.workers);
}

/** Another process knows them better: two answers, one of them old, would be none. */
export function forgetGauges(metrics: Metrics): void {
  const { slices, queueJobs, freshnessSeconds, freshnessTargetSeconds } = metrics;
  const { definitionMismatch, owedRefreshes, refreshOwedSeconds, holdSeconds, failedRuns } = metrics;
  for (const gauge of [metrics.lagSeconds, metrics.lagTargetSeconds, metrics.requestedKeys]) gauge.reset();
  for (const gauge of [slices, queueJobs, freshnessSeconds, freshnessTargetSeconds]) gauge.reset();
  for (const gauge of [definitionMismatch, owedRefreshes, refreshOwedSeconds, holdSeconds, failedRuns]) gauge.reset();
  for (const gauge of [metrics.progressAgeSeconds, metrics.workers]) gauge.remove();
}

/** Whatever comes first, a refresh or a rebuild, makes it fresh; null: cron alone says no age. */
function freshnessTargetMs({ rebuild, refresh }: IndexDefinition): number | null {
  const every = ({ schedule }: typeof refresh) => (schedule?.kind === 'every' ? schedule.everyMs : null);
  const ages = [rebuild.freshForMs ?? every(rebuild), every(refresh)].filter((ms) => ms !== null);
  return ages.length === 0 ? null : Math.min(...ages);
}

/** The pause between two passes, and what a promotion would still take for caught up. */
function lagTargetMs({ incremental, rebuild }: IndexDefinition): number | null {
  return incremental === null ? null : incremental.everyMs + rebuild.maxLagMs;
}

/** An index is as fresh as its oldest shard. */
function oldest(shards: readonly ShardFreshness[]): ReadonlyMap<string, number> {
  const ages = new Map<string, number>();
  for (const { index, seconds } of shards) ages.set(index, Math.max(ages.get(index) ?? 0, seconds));
  return ages;
}
