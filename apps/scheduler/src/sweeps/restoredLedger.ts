import { compareLedger, type LedgerSuspicions } from '@reindeer/engine';
import { serverStart } from '@reindeer/ledger';
import type { SweepContext } from '../sweepContext.ts';
import { eachIndexEvery } from './eachIndexEvery.ts';

/** A ledger is restored by hands, and seldom; each look asks the sink two things for each index. */
const EVERY_MS = 60_000;

/**
 * Compares the ledger with what the sinks have, at the first sweep and then once a minute; and at once where the ledger's
 * server is another, as a standby is that took over without the last commits.
 */
export function ledgerComparer(everyMs = EVERY_MS): (context: SweepContext) => Promise<void> {
  const suspicions: LedgerSuspicions = new Map();
  let server: string | null = null;
  return eachIndexEvery(
    everyMs,
    'the ledger could not be compared with the sink; tried again later',
    ({ engine, signal }, index) => compareLedger(engine, index, suspicions, signal),
    async ({ engine }) => {
      const before = server;
      server = await serverStart(engine.ledger);
      return before !== null && before !== server;
    },
  );
}
