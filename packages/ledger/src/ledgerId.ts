import { type Ledger, query } from './ledger.ts';

/** The ledger's own id: its backups have the same, another deployment's ledger has another. */
export async function ledgerId(ledger: Ledger): Promise<string> {
  const [row] = await query<{ ledger_id: string }>(ledger, `select ledger_id from ledger`);
  if (row === undefined) throw new Error('The ledger has lost its own row.');
  return row.ledger_id;
}
