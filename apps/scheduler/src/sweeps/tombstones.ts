import { purgeTombstones } from '@reindeer/engine';
import type { SweepContext } from '../sweepContext.ts';

/** They are kept for an hour: a little longer does no harm. */
const EVERY_MS = 600_000;

/** Lets sinks that keep deletes as rows forget the old ones, every ten minutes. */
export function tombstonePurger(everyMs = EVERY_MS): (context: SweepContext) => Promise<void> {
  let dueAt = 0;
  return async ({ config, engine, indexes, logger, signal }) => {
    if (performance.now() < dueAt) return;
    dueAt = performance.now() + everyMs;
    for (const name of Object.keys(config.indexes)) {
      try {
        const purged = await purgeTombstones(engine, await indexes.open(name), signal);
        if (purged > 0) logger.info({ index: name, purged }, 'old deletes were forgotten');
      } catch (error) {
        logger.warn({ index: name, error }, 'old deletes could not be forgotten; tried again later');
      }
    }
  };
}
