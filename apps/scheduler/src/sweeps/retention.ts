import { dropGenerations } from '@reindeer/engine';
import { prune } from '@reindeer/ledger';
import type { SweepContext } from '../sweepContext.ts';

/** Old rows of the ledger, and generations that nobody needs any more: also those of cancelled and failed runs. */
export async function sweepRetention(context: SweepContext): Promise<void> {
  const { config, engine, indexes, logger, signal } = context;
  const pruned = await prune(engine.ledger, {
    runsMs: config.retention.runsMs,
    failuresMs: config.retention.failuresMs,
  });
  if (pruned.runs + pruned.failures > 0) logger.info(pruned, 'pruned old history');
  for (const name of Object.keys(config.indexes)) {
    try {
      await dropGenerations(engine, await indexes.open(name), config.retention.generations, signal);
    } catch (error) {
      logger.warn({ index: name, error }, 'old generations could not be dropped; tried again later');
    }
  }
}
