import { describeSink } from '../../../packages/connectors/src/conformance/sink.ts';
import { openSearchHarness } from './openSearchHarness.ts';

for (const [name, url] of [
  ['OpenSearch 3', 'http://127.0.0.1:9203'],
  ['OpenSearch 2', 'http://127.0.0.1:9202'],
] as const)
  describeSink(name, { harness: () => openSearchHarness(url), capabilities: { versions: true, atomicSwap: true } });
