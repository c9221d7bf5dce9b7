/** Somebody who signed in, and what they may do: a viewer looks, an operator also acts. */
export interface Person {
  readonly name: string;
  readonly role: 'viewer' | 'operator';
}

/** A hash of the token in the cookie or the link: a copy of the ledger signs nobody in. */
export type TokenHash = Uint8Array;
