import { type Ledger, query } from '../ledger.ts';
import type { Person, TokenHash } from './person.ts';

/** A link that signs in once, within `lifetimeMs`; the same statement clears away links that are over (I8). */
export async function createSignInLink(
  ledger: Ledger,
  link: { readonly tokenHash: TokenHash; readonly role: Person['role']; readonly lifetimeMs: number },
): Promise<void> {
  await query(
    ledger,
    `with over as (delete from sign_in_links where expires_at <= now())
     insert into sign_in_links (token_hash, role, expires_at) values ($1, $2, now() + $3 * interval '1 ms')`,
    [link.tokenHash, link.role, link.lifetimeMs],
  );
}
