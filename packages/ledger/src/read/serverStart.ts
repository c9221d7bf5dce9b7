import { type Ledger, query } from '../ledger.ts';

/** Since when the ledger's server has been up, in its own words: another text is another server, or the same after a restart. */
export async function serverStart(ledger: Ledger): Promise<string> {
  const [row] = await query<{ start: string }>(ledger, `select pg_postmaster_start_time()::text as start`);
  return row?.start ?? '';
}
