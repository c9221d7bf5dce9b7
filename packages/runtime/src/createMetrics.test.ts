import { expect, it } from 'vitest';
import { createMetrics } from './createMetrics.ts';

it('has the metrics of the contract, and those of the process', async () => {
  const metrics = createMetrics('test');
  const names = metrics.registry.getMetricsAsArray().map((metric) => metric.name);
  expect(names).toEqual(
    expect.arrayContaining(
      [
        ...['documents_total', 'bytes_total', 'batch_seconds', 'run_seconds', 'runs_total', 'slices', 'lag_seconds'],
        ...['freshness_seconds', 'progress_age_seconds', 'queue_jobs', 'ticks_total', 'throttle_seconds_total'],
        ...['reclaims_total', 'leader'],
      ].map((name) => `reindeer_${name}`),
    ),
  );
  expect(names).toContain('process_resident_memory_bytes');
  metrics.documents.inc({ index: 'cities', lane: 'rebuild', outcome: 'written' }, 3);
  expect(await metrics.registry.metrics()).toContain(
    'reindeer_documents_total{index="cities",lane="rebuild",outcome="written",app="test"} 3',
  );
});

it('says nothing of what the app does not know', async () => {
  const samples = (await createMetrics('dashboard').registry.metrics())
    .split('\n')
    .filter((line) => line.startsWith('reindeer_'));
  expect(samples).toEqual([expect.stringMatching(/^reindeer_build_info\{version="[\d.]+",node="\d+/)]);
});

it('can be made twice in one process', () => {
  expect(createMetrics('a').registry).not.toBe(createMetrics('b').registry);
});
