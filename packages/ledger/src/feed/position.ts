/** A place in a source's history as the ledger keeps it: the source's own words, which nobody else reads. */
export type StoredPosition = Readonly<Record<string, unknown>>;
