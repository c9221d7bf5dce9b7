import { type Ledger, query } from '../ledger.ts';

export interface Alive {
  /** Worker processes whose lease is in force. */
  readonly workers: number;
  /** Whether a scheduler leads: without one no tick is decided and nothing is reconciled. */
  readonly scheduler: boolean;
}

/** Which processes are alive by the ledger's clock; one that was killed counts until its lease ends (15 s by default). */
export async function readAlive(ledger: Ledger): Promise<Alive> {
  const [row] = await query<Alive>(
    ledger,
    `select exists (select 1 from leaders where lease_until > clock_timestamp()) as scheduler,
            (select count(*)::int from workers
              where app = 'worker' and stopped_at is null and lease_until > clock_timestamp()) as workers`,
  );
  if (row === undefined) throw new Error('The ledger answered nothing about its processes.');
  return row;
}
