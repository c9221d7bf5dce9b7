import type { SearchServer } from '../opensearch/server.ts';
import { askOf } from './generation.ts';
import { liveOf, readReaders } from './readers.ts';
import { STAMP } from './stamp.ts';
import { textQuery } from './textQuery.ts';

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
  const asked = textQuery(query);
  if (live === null || asked === null) return [];
  const { hits } = await askOf<SearchAnswer>(server, live.generation, {
    method: 'POST',
    action: '_search',
    body: {
      size: limit,
      query: asked,
      sort: ['_score', '_doc'],
    },
    signal,
  });
  return hits.hits.map(({ _id: id, _source = {} }) => {
    const { [STAMP]: _, ...body } = _source;
    return { id, body };
  });
}
