import type { SearchServer } from '../opensearch/server.ts';
import type { GenerationRef, StoredDocument } from '../sink.ts';
import { askOf, gone } from './generation.ts';
import { readStamp, STAMP } from './stamp.ts';

interface GetAnswer {
  readonly docs: readonly {
    readonly _id: string;
    readonly _version?: number;
    readonly found?: boolean;
    readonly _source?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    readonly error?: { readonly type: string };
  }[];
}

/** Ids a request: some 100 bytes each in the answer, and at most twice as many in it as a batch has. */
const PAGE = 5_000;

const WANTED = 'docs._id,docs._version,docs.found,docs._source,docs.error.type';

/** As written, not as searched: no refresh is needed. A body of which only a person knows has no stamp, or an old one. */
export async function stored(
  server: SearchServer,
  generation: GenerationRef,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly (StoredDocument | null)[]> {
  // The server takes no empty id, and so holds none; and it would take halves of a surrogate pair for one another.
  const asked = [...new Set(ids)].filter((id) => id !== '' && id.isWellFormed());
  const found = new Map<string, StoredDocument>();
  for (let from = 0; from < asked.length; from += PAGE) {
    const { docs } = await askOf<GetAnswer>(server, generation, {
      method: 'POST',
      action: '_mget',
      query: { realtime: true, _source_includes: STAMP, filter_path: WANTED },
      body: { ids: asked.slice(from, from + PAGE) },
      signal,
    });
    for (const { _id: id, _version: version, found: there, _source, error } of docs) {
      if (error?.type === 'index_not_found_exception') throw gone(generation);
      if (there === true && version !== undefined) found.set(id, { id, version, stamp: readStamp(_source?.[STAMP]) });
    }
  }
  if (asked.length === 0) await askOf(server, generation, { method: 'GET', action: '_count', signal });
  return ids.map((id) => found.get(id) ?? null);
}
