import {
  type ConsumerView,
  type GenerationStanding,
  type LedgerClock,
  pendingMigrations,
  readClock,
  readConsumerViews,
  readStandings,
} from '@reindeer/ledger';
import type { Deployment } from '../setup/withDeployment.ts';
import { readStatus, type Status } from '../status/readStatus.ts';

/** What the ledger and the queue know, read within a second or two of each other. */
export interface LedgerFacts {
  readonly status: Status;
  readonly clock: LedgerClock;
  readonly consumers: readonly ConsumerView[];
  readonly standings: readonly GenerationStanding[];
  readonly pending: readonly string[];
}

export async function readLedgerFacts(deployment: Deployment): Promise<LedgerFacts> {
  const { ledger } = deployment;
  const status = await readStatus(deployment, undefined);
  const clock = await readClock(ledger);
  const consumers = await readConsumerViews(ledger);
  const standings = await readStandings(ledger);
  return { status, clock, consumers, standings, pending: await pendingMigrations(ledger) };
}
