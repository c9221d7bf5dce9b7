import type { ReadPace } from '@reindeer/connectors';
import type { WorkSettings } from '../context.ts';

/** How much of a log is read at a time: as many keys as `maxDocuments` says by then. */
export function readPace({ batch, batchTimeoutMs }: WorkSettings, maxDocuments: () => number): ReadPace {
  return { maxDocuments, maxBytes: batch.maxBytes, timeoutMs: batchTimeoutMs };
}
