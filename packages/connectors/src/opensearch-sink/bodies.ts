import { InputError } from '@reindeer/core';
import type { SearchServer } from '../opensearch/server.ts';
import type { GenerationRef } from '../sink.ts';
import { askOf, gone } from './generation.ts';
import type { OpenSearchSinkSettings } from './settings.ts';
import { STAMP } from './stamp.ts';

interface GetAnswer {
  readonly docs: readonly {
    readonly _id: string;
    readonly found?: boolean;
    readonly _source?: Readonly<Record<string, unknown>>;
    readonly error?: { readonly type: string };
  }[];
}

/** Whole bodies: the answer must stay far below the largest that is taken. */
const PAGE = 500;

/** As written: the engine keeps the very text. Asked for a part of it or of its answer, it would print numbers anew. */
export async function bodies(
  server: SearchServer,
  { mappings }: OpenSearchSinkSettings,
  generation: GenerationRef,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly (string | null)[]> {
  const hidden = (mappings._source as { excludes?: unknown } | undefined)?.excludes;
  if (Array.isArray(hidden) && hidden.length > 0) {
    throw new InputError(
      'bodies-hidden',
      `indexes.${generation.index}.sink.mappings._source.excludes keeps ${hidden.join(', ')} out of what the engine holds, so bodies cannot be compared. Verify without --deep.`,
    );
  }
  const asked = [...new Set(ids)].filter((id) => id !== '' && id.isWellFormed());
  const found = new Map<string, string>();
  for (let from = 0; from < asked.length; from += PAGE) {
    const { docs } = await askOf<GetAnswer>(server, generation, {
      method: 'POST',
      action: '_mget',
      query: { realtime: true },
      body: { ids: asked.slice(from, from + PAGE) },
      exact: true,
      signal,
    });
    for (const { _id: id, found: there, _source, error } of docs) {
      if (error?.type === 'index_not_found_exception') throw gone(generation);
      if (there !== true || _source === undefined) continue;
      const { [STAMP]: _, ...body } = _source;
      found.set(id, JSON.stringify(body));
    }
  }
  return ids.map((id) => found.get(id) ?? null);
}
