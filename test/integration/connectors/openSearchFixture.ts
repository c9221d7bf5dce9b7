import type { Operation } from '@reindeer/core';
import { afterAll, beforeAll } from 'vitest';
import { freshIndex } from '../../../packages/connectors/src/conformance/sinkSuite.ts';
import { openSearchServer } from '../../../packages/connectors/src/opensearch/server.ts';
import { openOpenSearchSink } from '../../../packages/connectors/src/opensearch-sink/index.ts';
import type { GenerationRef, Sink } from '../../../packages/connectors/src/sink.ts';
import { type SearchProxy, startSearchProxy } from '../../support/searchProxy.ts';
import { searchClient } from './searchClient.ts';

export interface OpenSearchFixture {
  readonly signal: AbortSignal;
  readonly proxy: () => SearchProxy;
  /** A person's own way to the server. */
  readonly client: ReturnType<typeof searchClient>;
  /** A sink behind the proxy, or at a url of its own. */
  open(definition?: { mappings?: object; settings?: object; url?: string; maxConnections?: number }): Sink;
  /** A name whose indexes are deleted at the end. */
  fresh(): string;
  make(sink: Sink, index: string, number?: number): Promise<GenerationRef>;
  put(id: string, body: object, ticket?: number): Operation & { readonly kind: 'index' };
}

/** For tests of the OpenSearch sink alone. */
export function useOpenSearch(url: string): OpenSearchFixture {
  const { signal } = new AbortController();
  const client = searchClient(url);
  const sinks: Sink[] = [];
  const indexes: string[] = [];
  let started: SearchProxy | undefined;
  const proxy = () => {
    if (started === undefined) throw new Error('The proxy was not started.');
    return started;
  };
  beforeAll(async () => {
    started = await startSearchProxy(url);
  });
  afterAll(async () => {
    await Promise.all(sinks.map((sink) => sink.close()));
    await started?.close();
    for (const index of indexes) await client('DELETE', `${index},${index}_*`);
  });
  return {
    signal,
    proxy,
    client,
    open: ({ mappings = {}, settings = { number_of_replicas: 0 }, url: own, maxConnections = 4 } = {}) => {
      const connection = { name: 'search', kind: 'opensearch', url: own ?? proxy().url } as const;
      const sink = openOpenSearchSink({
        server: openSearchServer({ connection, maxConnections }),
        definition: {
          connection: 'search',
          mappings: mappings as Record<string, unknown>,
          settings: settings as Record<string, unknown>,
        },
      });
      sinks.push(sink);
      return sink;
    },
    fresh: () => {
      const index = freshIndex();
      indexes.push(index);
      return index;
    },
    make: (sink, index, number = 1) => {
      const name = `${index}_g${number}_k3f9`;
      return sink.createGeneration({ index, name, nonce: 'k3f9', number, definition: 1, ticketBound: 1 }, signal);
    },
    put: (id, body, ticket = 10) => {
      return { kind: 'index', id, ticket, shard: 0, bucket: 4_711, body: JSON.stringify(body), f1: 1, f2: 2 };
    },
  };
}
