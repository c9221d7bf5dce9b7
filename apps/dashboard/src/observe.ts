import type { ResolvedConfig } from '@reindeer/config';
import { type Ledger, readGauges } from '@reindeer/ledger';
import type { TaskQueue } from '@reindeer/queue';
import { type Logger, type Metrics, setGauges } from '@reindeer/runtime';

/** Brings the gauges that only ledger and queue know up to now; what cannot be asked is left out, never shown as it was. */
export async function observe(
  config: ResolvedConfig,
  ledger: Ledger,
  queue: TaskQueue,
  metrics: Metrics,
  logger: Logger,
): Promise<void> {
  const [gauges, counts] = await Promise.allSettled([readGauges(ledger), queue.counts(Object.keys(config.indexes))]);
  if (gauges.status === 'rejected') logger.warn({ err: gauges.reason }, 'metrics: the ledger does not answer');
  if (counts.status === 'rejected') logger.warn({ err: counts.reason }, 'metrics: the queue does not answer');
  setGauges(
    metrics,
    config.indexes,
    gauges.status === 'fulfilled' ? gauges.value : null,
    counts.status === 'fulfilled' ? counts.value : null,
  );
}
