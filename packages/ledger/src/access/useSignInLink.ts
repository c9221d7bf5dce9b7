import { type Ledger, query } from '../ledger.ts';
import type { Person, TokenHash } from './person.ts';

/** The role a link gives; null when it was used, is over, or never was. Of two uses at the same moment one gets null. */
export async function useSignInLink(ledger: Ledger, tokenHash: TokenHash): Promise<Person['role'] | null> {
  const [row] = await query<{ role: Person['role'] }>(
    ledger,
    `update sign_in_links set used_at = now()
      where token_hash = $1 and used_at is null and expires_at > now() returning role`,
    [tokenHash],
  );
  return row?.role ?? null;
}
