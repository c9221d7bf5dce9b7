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

/** @param text what `placeText` gave; of anything else, of an older version's say, the pass begins again */
export function parsePlace(text: string): Place {
  return isPlace(text) ? (JSON.parse(text) as Place) : BEGINNING;
}

const BEGINNING: Place = { cursor: '', within: null };

function isPlace(text: string): boolean {
  return /^\{"cursor":/.test(text);
}
