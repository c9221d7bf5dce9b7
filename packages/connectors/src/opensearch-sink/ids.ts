import type { SearchServer } from '../opensearch/server.ts';
import type { GenerationRef, Selection, StoredDocument } from '../sink.ts';
import { askOf, refresh } from './generation.ts';
import { scrollPages } from './scroll.ts';
import { selectionQuery } from './selection.ts';
import { readStamp, STAMP_FIELDS } from './stamp.ts';

interface Hit {
  readonly _id: string;
  readonly _version: number;
  readonly fields?: Readonly<Record<string, readonly unknown[]>>;
}

/** Names of the index and scores are half of what the server would send. */
const WANTED = ['hits.hits._id', 'hits.hits._version', 'hits.hits.fields'];
/** The server's own limit (`index.max_result_window`). */
const LARGEST_PAGE = 10_000;

/**
 * Pages of the selection, each from a snapshot that is taken after a refresh. Most selections fit one request, and need
 * no place that the server would keep; a larger one is scrolled.
 */
export async function* listIds(
  server: SearchServer,
  generation: GenerationRef,
  selection: Selection,
  limit: number,
  signal: AbortSignal,
): AsyncGenerator<readonly StoredDocument[], void, undefined> {
  if (!selection.visible) await refresh(server, generation, signal);
  const asked = { query: selectionQuery(selection), _source: false, version: true, docvalue_fields: STAMP_FIELDS };
  const whole = await askOf<{ readonly hits?: { readonly hits?: readonly Hit[] } }>(server, generation, {
    method: 'POST',
    action: '_search',
    query: { allow_partial_search_results: false, filter_path: WANTED.join(',') },
    body: { size: LARGEST_PAGE, sort: ['_doc'], track_total_hits: false, ...asked },
    signal,
  });
  const found = (whole.hits?.hits ?? []).map(documentOf);
  if (found.length < LARGEST_PAGE) {
    for (let from = 0; from < found.length; from += limit) {
      signal.throwIfAborted();
      yield found.slice(from, from + limit);
    }
    return;
  }
  const size = Math.min(limit, LARGEST_PAGE);
  for await (const hits of scrollPages<Hit>(server, generation, { asked, wanted: WANTED, size }, signal))
    yield hits.map(documentOf);
}

function documentOf({ _id: id, _version: version, fields }: Hit): StoredDocument {
  return { id, version, stamp: readStamp(fields) };
}
