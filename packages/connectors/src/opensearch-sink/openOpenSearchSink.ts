import type { SinkDefinition } from '@reindeer/core';
import { asReaction } from '../opensearch/failure.ts';
import type { SearchServer } from '../opensearch/server.ts';
import type { Sink } from '../sink.ts';
import { bodies } from './bodies.ts';
import { check } from './check.ts';
import { createGeneration } from './createGeneration.ts';
import { digest } from './digest.ts';
import { drop } from './drop.ts';
import { listEdited } from './edited.ts';
import { countDocuments, reserve } from './generation.ts';
import { listIds } from './ids.ts';
import { incarnation } from './incarnation.ts';
import { list } from './list.ts';
import { probe } from './probe.ts';
import { promote } from './promote.ts';
import { liveOf, readReaders } from './readers.ts';
import { search } from './search.ts';
import { resolveSinkSettings } from './settings.ts';
import { settle } from './settle.ts';
import { stored } from './stored.ts';
import { MAX_BATCH_BYTES, write } from './write.ts';

/**
 * A sink in OpenSearch or Elasticsearch: a generation is an index, readers use the alias of the index's name.
 * Connects on first use; closing it closes the server.
 * @throws InputError when the definition's `mappings` or `settings` are not right
 */
export function openOpenSearchSink(options: {
  readonly server: SearchServer;
  readonly definition: SinkDefinition;
}): Sink {
  const { server } = options;
  const settings = resolveSinkSettings(options.definition);
  const reacting = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw asReaction(error, server.connection);
    }
  };
  async function* reactingEach<T>(items: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
    try {
      yield* items;
    } catch (error) {
      throw asReaction(error, server.connection);
    }
  }
  return {
    capabilities: { versions: true, atomicSwap: true, maxBatchBytes: MAX_BATCH_BYTES, adopts: true },
    check: (index, signal) => reacting(check(server, settings, index, signal)),
    createGeneration: (metadata, signal) => reacting(createGeneration(server, settings, metadata, signal)),
    reserve: (generation, bound, signal) => reacting(reserve(server, generation, bound, signal)),
    write: (generation, operations, signal) => reacting(write(server, generation, operations, signal)),
    settle: (generation, signal) => reacting(settle(server, generation, signal)),
    count: (generation, signal) => reacting(countDocuments(server, generation, signal)),
    live: async (index, signal) => liveOf(index, await reacting(readReaders(server, index, [], signal))),
    promote: (to, expected, signal, adopt = false) => reacting(promote(server, to, expected, adopt, signal)),
    drop: (generation, signal) => reacting(drop(server, generation, signal)),
    stored: (generation, ids, signal) => reacting(stored(server, generation, ids, signal)),
    bodies: (generation, ids, signal) => reacting(bodies(server, settings, generation, ids, signal)),
    ids: (generation, selection, limit, signal) => reactingEach(listIds(server, generation, selection, limit, signal)),
    digest: (generation, shard, bits, signal) => reacting(digest(server, generation, shard, bits, signal)),
    edited: (generation, shard, signal) => reactingEach(listEdited(server, generation, shard, signal)),
    probe: (generation, query, limit, signal) => reacting(probe(server, generation, query, limit, signal)),
    incarnation: (generation, signal) => reacting(incarnation(server, generation, signal)),
    // `index.gc_deletes` does it.
    purge: async () => 0,
    list: (index, signal) => reacting(list(server, index, signal)),
    search: (index, query, limit, signal) => reacting(search(server, index, query, limit, signal)),
    close: () => server.close(),
  };
}
