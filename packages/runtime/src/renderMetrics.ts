import { Gauge, Registry } from 'prom-client';
import type { Metrics } from './createMetrics.ts';
import type { ShardFreshness } from './setGauges.ts';

const FRESHNESS = 'reindeer_freshness_seconds';

/**
 * What `/metrics` answers. With `shards`, freshness has a series per shard instead of one per index: asked for with
 * `?shards=1`, because an index may have many.
 */
export async function renderMetrics(metrics: Metrics, shards: readonly ShardFreshness[] | null): Promise<string> {
  const { app, registry } = metrics;
  if (shards === null) return registry.metrics();
  const perShard = new Registry();
  perShard.setDefaultLabels({ app });
  const gauge = new Gauge({
    name: FRESHNESS,
    help: 'Age of each shard of what is live.',
    labelNames: ['index', 'shard'],
    registers: [perShard],
  });
  for (const { index, shard, seconds } of shards) gauge.set({ index, shard }, seconds);
  const others = registry.getMetricsAsArray().filter(({ name }) => name !== FRESHNESS);
  const texts = await Promise.all(others.map(({ name }) => registry.getSingleMetricAsString(name)));
  return `${[...texts, (await perShard.metrics()).trimEnd()].join('\n\n')}\n`;
}

/** Whether a request asks for freshness per shard. */
export function asksForShards(url: string): boolean {
  return new URL(url, 'http://localhost').searchParams.get('shards') === '1';
}
