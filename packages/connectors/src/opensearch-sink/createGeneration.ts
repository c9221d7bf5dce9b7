import { RefusedError } from '@reindeer/core';
import { ResponseError } from '../opensearch/responseError.ts';
import { pathOf, type SearchServer } from '../opensearch/server.ts';
import type { GenerationMetadata, GenerationRef } from '../sink.ts';
import { lookUp } from './lookUp.ts';
import { assertIndexName, writeAlias } from './names.ts';
import { GC_DELETES, LOADING, notTaken, type OpenSearchSinkSettings } from './settings.ts';

/**
 * Makes the generation's index with its metadata, write alias and load settings in one step, so that there is never half
 * a generation. What the user configured in their place is kept in the metadata, for `settle`.
 */
export async function createGeneration(
  server: SearchServer,
  { mappings, settings, restored }: OpenSearchSinkSettings,
  metadata: GenerationMetadata,
  signal: AbortSignal,
): Promise<GenerationRef> {
  const generation = { index: metadata.index, name: metadata.name };
  assertIndexName(metadata.index);
  try {
    await server.ask({
      method: 'PUT',
      path: pathOf(metadata.name),
      body: {
        settings: { ...settings, ...loadingSettings(restored), 'index.gc_deletes': GC_DELETES },
        mappings: { ...mappings, _meta: { ...mappings._meta, reindeer: { ...metadata, restored } } },
        aliases: { [writeAlias(metadata.name)]: { is_write_index: true } },
      },
      signal,
    });
    return generation;
  } catch (error) {
    if (!(error instanceof ResponseError) || error.status !== 400) throw error;
    const found = (await lookUp(server, [metadata.name], signal)).get(metadata.name);
    if (found?.metadata?.index === metadata.index && found.metadata.nonce === metadata.nonce) return generation;
    if (found !== undefined || /already exists as alias/.test(error.reason)) {
      throw new RefusedError(
        'name-taken',
        `An index or alias that this run did not make has the name ${JSON.stringify(metadata.name)}. Delete or rename it, and run again.`,
        { cause: error },
      );
    }
    throw notTaken(metadata.index, error.reason, error);
  }
}

function loadingSettings(restored: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const expands = Object.hasOwn(restored, 'index.auto_expand_replicas');
  return expands ? { ...LOADING, 'index.auto_expand_replicas': false } : LOADING;
}
