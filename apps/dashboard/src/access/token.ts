import { createHash, randomBytes } from 'node:crypto';
import type { TokenHash } from '@reindeer/ledger';

/** 256 random bits as text for a cookie or a link. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What the ledger keeps of a token. It needs no salt: nobody guesses 256 bits. */
export function hashToken(token: string): TokenHash {
  return createHash('sha256').update(token).digest();
}
