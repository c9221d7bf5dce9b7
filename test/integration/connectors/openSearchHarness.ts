import type { SinkHarness } from '../../../packages/connectors/src/conformance/sink.ts';
import { openSearchServer } from '../../../packages/connectors/src/opensearch/server.ts';
import { openOpenSearchSink } from '../../../packages/connectors/src/opensearch-sink/index.ts';
import { startSearchProxy } from '../../support/searchProxy.ts';
import { searchClient } from './searchClient.ts';

/** `n`, `v` and `kept` hold anything, and the engine looks at none of it. */
const MAPPINGS = {
  properties: {
    n: { type: 'object', enabled: false },
    v: { type: 'object', enabled: false },
    kept: { type: 'object', enabled: false },
    whole: { type: 'integer' },
  },
};

/** The server's side of an OpenSearch sink; the sinks themselves go through a proxy that can hold a request back. */
export async function openSearchHarness(url: string): Promise<SinkHarness> {
  const proxy = await startSearchProxy(url);
  const client = searchClient(url);
  const made = new Set<string>();
  const read = async (name: string): Promise<Map<string, string>> => {
    const found = new Map<string, string>();
    const { hits } = await client('POST', `${name}/_search`, { size: 10_000, query: { match_all: {} } });
    for (const { _id, _source } of hits.hits) {
      const { _reindeer: _, ...body } = _source;
      found.set(_id, JSON.stringify(body));
    }
    return found;
  };
  return {
    open: () => {
      const connection = { name: 'search', kind: 'opensearch', url: proxy.url } as const;
      const definition = { connection: 'search', mappings: MAPPINGS, settings: { number_of_replicas: 0 } };
      const sink = openOpenSearchSink({ server: openSearchServer({ connection, maxConnections: 8 }), definition });
      return {
        ...sink,
        createGeneration: async (metadata, signal) => {
          made.add(metadata.index);
          return await sink.createGeneration(metadata, signal);
        },
      };
    },
    documents: (generation) => read(generation.name),
    readIndex: read,
    moveByHand: async (index, to) => {
      const actions = [{ remove: { index: '*', alias: index } }, { add: { index: to.name, alias: index } }];
      await client('POST', '_aliases', { actions });
    },
    takeName: async (taken) => {
      made.add(taken);
      await client('PUT', taken, { settings: { number_of_replicas: 0 } });
    },
    writeByHand: async (generation, id) => {
      await client('PUT', `${generation.name}/_doc/${id}`, { whole: 1 });
    },
    editByHand: async (generation, id) => {
      await client('POST', `${generation.name}/_update/${id}`, { doc: { kept: 'edited' } });
    },
    allQuery: { match_all: {} },
    stall: async (generation) => {
      const held = proxy.hold(({ path }) => path.startsWith(`/${generation.name}_WRITE/_bulk`));
      return { release: async () => held.release() };
    },
    requestsUnderWay: async () => {
      // By the time a request of its own is answered, the proxy has seen who hung up before it.
      await client('GET', '_cluster/health');
      return proxy.underWay();
    },
    refusedBodies: [
      '{"whole":"confidential"}',
      '{"text":"confidential"',
      'confidential',
      '["confidential"]',
      '',
      '{"_reindeer":"confidential"}',
      '{"\\u005freindeer":"confidential"}',
      '{"_reindeer.b":"confidential"}',
      '{"whole":1e400,"text":"confidential"}',
      '{"":"confidential"}',
      '{"a\\ud800":"confidential","whole":"\\ud800"}',
      '{"text":"confidential"}\n{"delete":{"_id":"b"}}',
    ],
    exactNumbers: ['0.1000', '9007199254740993', '-9223372036854775808.5', '1e400', '1.7976931348623159e309', '1e-400'],
    refusedIds: [''],
    close: async () => {
      for (const index of made) await client('DELETE', `${index},${index}_g*`);
      await proxy.close();
    },
  };
}
