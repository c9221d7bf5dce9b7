import type { SearchServer } from '../opensearch/server.ts';
import type { GenerationRef, Selection, StoredDocument } from '../sink.ts';
import { askOf, refresh } from './generation.ts';
import { selectionQuery } from './selection.ts';
import { readStamp, STAMP_FIELDS } from './stamp.ts';

interface Page {
  readonly _scroll_id: string;
  readonly hits: {
    readonly hits: readonly {
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
/** The server's own limit (`index.max_result_window`). */
const LARGEST_PAGE = 10_000;

/**
 * Pages of the selection, from one snapshot that is taken after a refresh. A scroll, not a point in time with
 * `search_after`: that needs an order without ties, and OpenSearch 2 has none that costs nothing (`_shard_doc` came with
 * 3). In the order of the disk a page costs the same however many came before.
 */
export async function* listIds(
  server: SearchServer,
  generation: GenerationRef,
  selection: Selection,
  limit: number,
  signal: AbortSignal,
): AsyncGenerator<readonly StoredDocument[], void, undefined> {
  await refresh(server, generation, signal);
  let page = await askOf<Page>(server, generation, {
    method: 'POST',
    action: '_search',
    query: { scroll: KEEP, allow_partial_search_results: false },
    body: {
      size: Math.min(limit, LARGEST_PAGE),
      query: selectionQuery(selection),
      sort: ['_doc'],
      _source: false,
      version: true,
      docvalue_fields: STAMP_FIELDS,
    },
    signal,
  });
  const places = new Set([page._scroll_id]);
  try {
    while (page.hits.hits.length > 0) {
      yield page.hits.hits.map(({ _id: id, _version: version, fields }) => ({ id, version, stamp: readStamp(fields) }));
      page = await server.ask<Page>({
        method: 'POST',
        path: '_search/scroll',
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
