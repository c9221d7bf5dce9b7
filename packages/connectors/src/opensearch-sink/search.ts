import type { SearchServer } from '../opensearch/server.ts';
import { askOf } from './generation.ts';
import { liveOf, readReaders } from './readers.ts';
import { STAMP } from './stamp.ts';

/** A longer query is cut: nobody types it, and every word is a clause of which the server permits so many. */
const MAX_QUERY_LENGTH = 1_000;
const MAX_WORDS = 100;

export interface SearchHit {
  readonly id: string;
  readonly body: unknown;
}

interface SearchAnswer {
  readonly hits: {
    readonly hits: readonly { readonly _id: string; readonly _source?: Readonly<Record<string, unknown>> }[];
  };
}

/** Documents for what a person typed, in any field; never a syntax error. Best first; none when nothing is live. */
export async function search(
  server: SearchServer,
  index: string,
  query: string,
  limit: number,
  signal: AbortSignal,
): Promise<readonly SearchHit[]> {
  const live = liveOf(index, await readReaders(server, index, [], signal));
  const words = query.slice(0, MAX_QUERY_LENGTH).replaceAll('\0', ' ').toWellFormed().split(/\s+/).slice(0, MAX_WORDS);
  const text = words.join(' ').trim();
  if (live === null || text === '') return [];
  const { hits } = await askOf<SearchAnswer>(server, live.generation, {
    method: 'POST',
    action: '_search',
    body: {
      size: limit,
      query: { simple_query_string: { query: text, default_operator: 'and', lenient: true } },
      sort: ['_score', '_doc'],
    },
    signal,
  });
  return hits.hits.map(({ _id: id, _source = {} }) => {
    const { [STAMP]: _, ...body } = _source;
    return { id, body };
  });
}
