import { InputError } from '@reindeer/core';
import { ResponseError } from '../opensearch/responseError.ts';
import type { SearchServer } from '../opensearch/server.ts';
import type { GenerationRef } from '../sink.ts';
import { askOf } from './generation.ts';
import { textQuery } from './textQuery.ts';

interface SearchAnswer {
  readonly hits: { readonly total: { readonly value: number }; readonly hits?: readonly { readonly _id: string }[] };
}

/** Whoever settled the generation has made everything searchable. */
export async function probe(
  server: SearchServer,
  generation: GenerationRef,
  query: unknown,
  limit: number,
  signal: AbortSignal,
): Promise<{ readonly hits: number; readonly ids: readonly string[] }> {
  const asked = typeof query === 'string' ? textQuery(query) : query;
  if (asked === null) return { hits: 0, ids: [] };
  try {
    const { hits } = await askOf<SearchAnswer>(server, generation, {
      method: 'POST',
      action: '_search',
      query: { allow_partial_search_results: false, filter_path: 'hits.total,hits.hits._id' },
      body: { size: limit, query: asked, sort: ['_score', '_doc'], _source: false, track_total_hits: true },
      signal,
    });
    return { hits: hits.total.value, ids: (hits.hits ?? []).map(({ _id }) => _id) };
  } catch (error) {
    if (!(error instanceof ResponseError) || error.status !== 400) throw error;
    throw new InputError(
      'bad-canary',
      `indexes.${generation.index}.rebuild.canaries: the server does not take ${JSON.stringify(query)}: ${error.message}. Give a text, or the \`query\` of a search as the engine has it.`,
      { cause: error },
    );
  }
}
