import { type Ledger, query } from '../ledger.ts';
import type { Person, TokenHash } from './person.ts';

/**
 * Whose session this is; null when there is none or it is over. Looking prolongs it to `lifetimeMs` from now, but writes
 * only after a twentieth of that time, so that a page that refreshes itself does not write with every request.
 */
export async function readSession(ledger: Ledger, tokenHash: TokenHash, lifetimeMs: number): Promise<Person | null> {
  const [row] = await query<{ name: string; role: Person['role'] }>(
    ledger,
    `with rolled as (
       update sessions set expires_at = now() + $2 * interval '1 ms'
        where token_hash = $1 and expires_at > now() and expires_at < now() + 0.95 * $2 * interval '1 ms')
     select name, role from sessions where token_hash = $1 and expires_at > now()`,
    [tokenHash, lifetimeMs],
  );
  return row ?? null;
}
