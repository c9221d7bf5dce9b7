import { type Ledger, query } from '../ledger.ts';

/** Worker processes whose lease is in force. */
export async function countWorkers(ledger: Ledger): Promise<number> {
  const [row] = await query<{ count: number }>(
    ledger,
    `select count(*)::int as count from workers where app = 'worker' and stopped_at is null and lease_until > clock_timestamp()`,
  );
  return row?.count ?? 0;
}
