import { type Ledger, query } from '../ledger.ts';

export interface WorkerProcess {
  /** Random, new for every process. */
  readonly worker: string;
  readonly name: string;
  readonly host: string;
  readonly pid: number;
  readonly app: 'worker' | 'scheduler';
  readonly version: string;
}

/**
 * Writes or renews the lease of a process, by the ledger's clock. Also the answer to a ledger that lost the row.
 * A process that was declared stopped stays so.
 */
export const RENEW_LEASE = `
  insert into workers (worker, name, host, pid, app, version, lease_until)
  values ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 millisecond')
  on conflict (worker) do update set lease_until = excluded.lease_until where workers.stopped_at is null`;

export function renewLeaseValues(process: WorkerProcess, leaseMs: number): unknown[] {
  return [process.worker, process.name, process.host, process.pid, process.app, process.version, leaseMs];
}

export async function renewLease(ledger: Ledger, process: WorkerProcess, leaseMs: number): Promise<void> {
  await query(ledger, RENEW_LEASE, renewLeaseValues(process, leaseMs));
}

/** Ends a lease at once, so that what is left is taken over without waiting. Only after the process writes no more. */
export async function endLease(ledger: Ledger, worker: string): Promise<void> {
  await query(ledger, `update workers set stopped_at = now(), lease_until = now() where worker = $1`, [worker]);
}
