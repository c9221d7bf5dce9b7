/**
 * A key as the source's database prints it: one text per key column.
 * Its order is the database's, never JavaScript's (I10), so nothing here compares keys.
 */
export type Key = readonly string[];

/** The keys in `(after, upTo]`, in the source's order; null is open at that end. */
export interface KeyRange {
  readonly after: Key | null;
  readonly upTo: Key | null;
}

/** Every key there is. */
export const WHOLE_RANGE: KeyRange = { after: null, upTo: null };
