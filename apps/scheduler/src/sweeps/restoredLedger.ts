import { compareLedger, type LedgerSuspicions } from '@reindeer/engine';
import type { SweepContext } from '../sweepContext.ts';

/** A ledger is restored by hands, and seldom; each look asks the sink two things for each index. */
const EVERY_MS = 60_000;

/** Compares the ledger with what the sinks have, at the first sweep and then once a minute. */
export function ledgerComparer(everyMs = EVERY_MS): (context: SweepContext) => Promise<void> {
  const suspicions: LedgerSuspicions = new Map();
  let dueAt = 0;
  return async ({ config, engine, indexes, logger, signal }) => {
    if (performance.now() < dueAt) return;
    dueAt = performance.now() + everyMs;
    for (const name of Object.keys(config.indexes)) {
      try {
        await compareLedger(engine, await indexes.open(name), suspicions, signal);
      } catch (error) {
        logger.warn({ index: name, error }, 'the ledger could not be compared with the sink; tried again later');
      }
    }
  };
}
