import { type Ledger, query } from '../ledger.ts';
import type { Person, TokenHash } from './person.ts';

/** However often it is used, a session ends after this time, or after its lifetime where that is longer. */
const LONGEST_DAYS = 30;

/**
 * Whose session this is; null when there is none or it is over. Looking prolongs it to `lifetimeMs` from now, but writes
 * only after a twentieth of that time, so that a page that refreshes itself does not write with every request. A session
 * that somebody else got hold of does not go on for ever.
 */
export async function readSession(
  ledger: Ledger,
  tokenHash: TokenHash,
  lifetimeMs: number,
): Promise<(Person & { readonly prolonged: boolean }) | null> {
  const [row] = await query<Person & { prolonged: boolean }>(
    ledger,
    `with found as (
       select token_hash, name, role, expires_at from sessions
        where token_hash = $1 and expires_at > now()
          and created_at > now() - greatest(interval '${LONGEST_DAYS} days', $2 * interval '1 ms')),
     rolled as (
       update sessions s set expires_at = now() + $2 * interval '1 ms' from found
        where s.token_hash = found.token_hash and found.expires_at < now() + 0.95 * $2 * interval '1 ms' returning 1)
     select name, role, exists (select from rolled) as prolonged from found`,
    [tokenHash, lifetimeMs],
  );
  return row ?? null;
}
