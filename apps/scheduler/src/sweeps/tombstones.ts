import { purgeTombstones } from '@reindeer/engine';
import type { SweepContext } from '../sweepContext.ts';
import { eachIndexEvery } from './eachIndexEvery.ts';

/** They are kept for an hour: a little longer does no harm. */
const EVERY_MS = 600_000;

/** Lets sinks that keep deletes as rows forget the old ones, every ten minutes. */
export function tombstonePurger(everyMs = EVERY_MS): (context: SweepContext) => Promise<void> {
  return eachIndexEvery(
    everyMs,
    'old deletes could not be forgotten; tried again later',
    async ({ engine, logger, signal }, index) => {
      const purged = await purgeTombstones(engine, index, signal);
      if (purged > 0) logger.info({ index: index.definition.name, purged }, 'old deletes were forgotten');
    },
  );
}
