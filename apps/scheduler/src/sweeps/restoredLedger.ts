import { compareLedger, type LedgerSuspicions } from '@reindeer/engine';
import type { SweepContext } from '../sweepContext.ts';
import { eachIndexEvery } from './eachIndexEvery.ts';

/** A ledger is restored by hands, and seldom; each look asks the sink two things for each index. */
const EVERY_MS = 60_000;

/** Compares the ledger with what the sinks have, at the first sweep and then once a minute. */
export function ledgerComparer(everyMs = EVERY_MS): (context: SweepContext) => Promise<void> {
  const suspicions: LedgerSuspicions = new Map();
  return eachIndexEvery(
    everyMs,
    'the ledger could not be compared with the sink; tried again later',
    ({ engine, signal }, index) => compareLedger(engine, index, suspicions, signal),
  );
}
