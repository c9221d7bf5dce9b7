import { keyOfId, type StoredDocument } from '@reindeer/core';
import type { Looking, Suspect } from './lookAgain.ts';

/**
 * Of what the sink lists that which has no row in the index.
 * @param wholeShard false: only keys within the range count; a text that is no key lies in none
 */
export async function withoutRow(
  looking: Looking,
  documents: readonly StoredDocument[],
  columns: number,
  wholeShard: boolean,
  signal: AbortSignal,
): Promise<readonly Suspect[]> {
  if (documents.length === 0) return [];
  const listed = documents.map(({ id }): Suspect => ({ id, key: keyOfId(id, columns) }));
  const keys = listed.flatMap(({ key }) => (key === null ? [] : [key]));
  const found = await looking.source.present(keys, looking.range, signal);
  const known = new Map(found.map((row) => [JSON.stringify(row.key), row]));
  return listed.filter(({ key }) => {
    const row = key === null ? undefined : known.get(JSON.stringify(key));
    if (row?.present) return false;
    return wholeShard || row?.inRange === true;
  });
}
