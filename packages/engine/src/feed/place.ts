import type { Key } from '@reindeer/core';

/** Where a pass over the log goes on. */
export interface Place {
  /** In the log, in its own words; empty: from its beginning. */
  readonly cursor: string;
  /** In the midst of what the next row of a dependency touches: its key, and the last key of the index that is done. */
  readonly within: { readonly key: Key; readonly after: Key } | null;
}

/** As the ledger keeps it. */
export function placeText(place: Place): string {
  return JSON.stringify(place);
}

/** @param text what `placeText` gave; empty where nothing was noted yet */
export function parsePlace(text: string): Place {
  return text === '' ? { cursor: '', within: null } : (JSON.parse(text) as Place);
}
