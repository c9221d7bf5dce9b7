import { type Ledger, query } from '../ledger.ts';

/** The ledger's clock, what was drawn by it, and who was last seen. */
export interface LedgerClock {
  readonly nowMs: number;
  /** Above every ticket that was drawn, some seconds as a rule, as a time in ms. */
  readonly ticketBoundMs: number;
  /** When the last lease of a scheduler that led ended, or will end; null: there never was one. */
  readonly schedulerUntil: string | null;
  /** The same of the worker processes. */
  readonly workerUntil: string | null;
}

export async function readClock(ledger: Ledger): Promise<LedgerClock> {
  const [row] = await query<{ nowMs: number; ticketBoundMs: number; scheduler: Date | null; worker: Date | null }>(
    ledger,
    `select (extract(epoch from clock_timestamp()) * 1000)::float8 as "nowMs",
            (select bound / 1000 from ticket_bound)::float8 as "ticketBoundMs",
            (select max(lease_until) from leaders) as scheduler,
            (select max(lease_until) from workers where app = 'worker') as worker`,
  );
  if (row === undefined) throw new Error('The ledger answered nothing about its clock.');
  const { nowMs, ticketBoundMs, scheduler, worker } = row;
  return {
    nowMs,
    ticketBoundMs,
    schedulerUntil: scheduler?.toISOString() ?? null,
    workerUntil: worker?.toISOString() ?? null,
  };
}
