import { type Ledger, query } from '../ledger.ts';
import type { Person, TokenHash } from './person.ts';

/** Signs a person in for `lifetimeMs` of the ledger's clock; the same statement clears away sessions that are over (I8). */
export async function createSession(
  ledger: Ledger,
  session: Person & { readonly tokenHash: TokenHash; readonly lifetimeMs: number },
): Promise<void> {
  await query(
    ledger,
    `with over as (delete from sessions where expires_at <= now())
     insert into sessions (token_hash, name, role, expires_at) values ($1, $2, $3, now() + $4 * interval '1 ms')`,
    [session.tokenHash, session.name, session.role, session.lifetimeMs],
  );
}
