import { createHash } from 'node:crypto';
import type { DocumentFailure } from '@reindeer/ledger';

/** Gives a refused document the fingerprint by which those of one cause are grouped. */
export function withFingerprint(failure: { document: string; reason: string; detail: string }): DocumentFailure {
  // Digits and quoted texts differ from document to document; what is left is the cause.
  const cause = failure.detail.replace(/"[^"]*"|'[^']*'|\d+/g, '…');
  const fingerprint = createHash('sha256').update(`${failure.reason} ${cause}`).digest('hex').slice(0, 16);
  return { ...failure, fingerprint };
}
