import type { SearchServer } from '../opensearch/server.ts';
import type { GenerationRef } from '../sink.ts';
import { askOf } from './generation.ts';

interface Page<H> {
  readonly _scroll_id: string;
  /** Not there where nothing was found, because only what is wanted is answered. */
  readonly hits?: { readonly hits?: readonly H[] };
  readonly timed_out?: boolean;
  readonly _shards: { readonly total: number; readonly successful: number };
}

/** How long the server keeps its place between two pages. */
const KEEP = '5m';

export interface Scroll {
  /** What to search for, and what of each hit. */
  readonly asked: Readonly<Record<string, unknown>>;
  /** Paths in the answer. */
  readonly wanted: readonly string[];
  /** Hits a page; the server's limit is 10,000. */
  readonly size: number;
}

/**
 * All hits of one snapshot, page by page. A scroll, not a point in time with `search_after`: that needs an order without
 * ties, and OpenSearch 2 has none that costs nothing (`_shard_doc` came with 3). In the order of the disk a page costs
 * the same however many came before.
 */
export async function* scrollPages<H>(
  server: SearchServer,
  generation: GenerationRef,
  { asked, wanted, size }: Scroll,
  signal: AbortSignal,
): AsyncGenerator<readonly H[], void, undefined> {
  const filter_path = ['_scroll_id', 'timed_out', '_shards', ...wanted].join(',');
  let page = await askOf<Page<H>>(server, generation, {
    method: 'POST',
    action: '_search',
    query: { scroll: KEEP, allow_partial_search_results: false, filter_path },
    body: { size, sort: ['_doc'], ...asked },
    signal,
  });
  const places = new Set([page._scroll_id]);
  try {
    for (let hits = page.hits?.hits ?? []; hits.length > 0; hits = page.hits?.hits ?? []) {
      yield hits;
      page = await server.ask<Page<H>>({
        method: 'POST',
        path: '_search/scroll',
        query: { filter_path },
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
function assertWhole({ _shards, timed_out }: Page<unknown>): void {
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
