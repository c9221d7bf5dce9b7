import type { SearchServer } from '../opensearch/server.ts';
import type { GenerationRef, Selection, StoredDocument } from '../sink.ts';
import { askOf, refresh } from './generation.ts';
import { selectionQuery } from './selection.ts';
import { readStamp, STAMP_FIELDS } from './stamp.ts';

interface Page {
  readonly _scroll_id: string;
  /** Not there where nothing was found: see `WANTED`. */
  readonly hits?: {
    readonly hits?: readonly {
      readonly _id: string;
      readonly _version: number;
      readonly fields?: Readonly<Record<string, readonly unknown[]>>;
    }[];
  };
  readonly timed_out?: boolean;
  readonly _shards: { readonly total: number; readonly successful: number };
}

/** How long the server keeps its place between two pages. */
const KEEP = '5m';
/** Names of the index and scores are half of what the server would send. */
const WANTED = '_scroll_id,timed_out,_shards,hits.hits._id,hits.hits._version,hits.hits.fields';
/** The server's own limit (`index.max_result_window`). */
const LARGEST_PAGE = 10_000;

/**
 * Pages of the selection, each from a snapshot that is taken after a refresh. Most selections fit one request, and need
 * no place that the server would keep. For a larger one a scroll, not a point in time with `search_after`: that needs an
 * order without ties, and OpenSearch 2 has none that costs nothing (`_shard_doc` came with 3). In the order of the disk a
 * page costs the same however many came before.
 */
export async function* listIds(
  server: SearchServer,
  generation: GenerationRef,
  selection: Selection,
  limit: number,
  signal: AbortSignal,
): AsyncGenerator<readonly StoredDocument[], void, undefined> {
  if (!selection.visible) await refresh(server, generation, signal);
  const search = (size: number, scroll: Readonly<Record<string, string>>) =>
    askOf<Page>(server, generation, {
      method: 'POST',
      action: '_search',
      query: { ...scroll, allow_partial_search_results: false, filter_path: WANTED },
      body: {
        size,
        query: selectionQuery(selection),
        sort: ['_doc'],
        ...(scroll.scroll === undefined ? { track_total_hits: false } : {}),
        _source: false,
        version: true,
        docvalue_fields: STAMP_FIELDS,
      },
      signal,
    });
  const whole = documentsOf(await search(LARGEST_PAGE, {}));
  if (whole.length < LARGEST_PAGE) {
    for (let from = 0; from < whole.length; from += limit) {
      signal.throwIfAborted();
      yield whole.slice(from, from + limit);
    }
    return;
  }
  let page = await search(Math.min(limit, LARGEST_PAGE), { scroll: KEEP });
  const places = new Set([page._scroll_id]);
  try {
    for (let documents = documentsOf(page); documents.length > 0; documents = documentsOf(page)) {
      yield documents;
      page = await server.ask<Page>({
        method: 'POST',
        path: '_search/scroll',
        query: { filter_path: WANTED },
        body: { scroll: KEEP, scroll_id: page._scroll_id },
        signal,
      });
      places.add(page._scroll_id);
      assertWhole(page);
    }
  } finally {
    await release(server, [...places]);
  }
}

function documentsOf({ hits }: Page): readonly StoredDocument[] {
  return (hits?.hits ?? []).map(({ _id: id, _version: version, fields }) => ({
    id,
    version,
    stamp: readStamp(fields),
  }));
}

/** A page without some of its shards would look like documents that are gone. */
function assertWhole({ _shards, timed_out }: Page): void {
  if (timed_out === true || _shards.successful < _shards.total) {
    throw new Error(`The sink listed ${_shards.successful} of ${_shards.total} shards.`);
  }
}

/** Whoever stopped listening, aborted or not: the server must not keep its place. */
async function release(server: SearchServer, places: readonly string[]): Promise<void> {
  const request = { method: 'DELETE', path: '_search/scroll', body: { scroll_id: places } } as const;
  // What cannot be released now ends by itself after `KEEP`.
  await server.ask({ ...request, signal: AbortSignal.timeout(10_000) }).catch(() => undefined);
}
