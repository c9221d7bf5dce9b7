import { type Ledger, query } from '../ledger.ts';
import type { TokenHash } from './person.ts';

/** Signs out, on every dashboard at once. */
export async function endSession(ledger: Ledger, tokenHash: TokenHash): Promise<void> {
  await query(ledger, `delete from sessions where token_hash = $1`, [tokenHash]);
}
