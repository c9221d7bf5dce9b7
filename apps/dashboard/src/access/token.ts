import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { TokenHash } from '@reindeer/ledger';

/** 256 random bits as text for a cookie or a link. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What the ledger keeps of a link's token. It needs no salt: nobody guesses 256 bits. */
export function hashToken(token: string): TokenHash {
  return createHash('sha256').update(token).digest();
}

/**
 * What the ledger keeps of a session. The password is in it, so that a new password ends the sessions of the old one on
 * every dashboard that has it; the token is the key, so that neither a copy of the ledger nor a cookie tells anything of
 * the password.
 */
export function hashSession(token: string, name: string, password: string): TokenHash {
  return createHmac('sha256', token)
    .update(JSON.stringify([name, password]))
    .digest();
}
