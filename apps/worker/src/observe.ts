import type { Observer } from '@reindeer/engine';
import type { Logger, Metrics } from '@reindeer/runtime';

/** Makes logs and metrics of what the engine tells. */
export function observe(logger: Logger, metrics: Metrics): Observer {
  return {
    documents: (index, lane, outcome, count) => metrics.documents.inc({ index, lane, outcome }, count),
    bytes: (_index, _lane, count) => metrics.bytes.inc(count),
    batch: (stage, seconds) => metrics.batchSeconds.observe({ stage }, seconds),
    throttled: (reason, seconds) => metrics.throttleSeconds.inc({ reason }, seconds),
    event: (level, message, fields) => logger[level](fields, message),
  };
}
