import { describe } from 'vitest';
import { describeSink } from '../../../packages/connectors/src/conformance/sink.ts';
import { openSearchUrl } from '../../support/openSearch.ts';
import { OPEN_SEARCH, type OpenSearchMajor } from '../../support/startOpenSearch.ts';
import { aliasTests } from './openSearchAliases.ts';
import { openSearchHarness } from './openSearchHarness.ts';
import { incarnationTests } from './openSearchIncarnation.ts';
import { indexTests } from './openSearchIndexes.ts';
import { writingTests } from './openSearchWriting.ts';

const capabilities = { versions: true, atomicSwap: true, adopts: true } as const;

/** The port's suite and the adapter's own, against this major version. */
export async function describeOpenSearchSink(major: OpenSearchMajor): Promise<void> {
  const { name } = OPEN_SEARCH[major];
  const url = await openSearchUrl(major);
  describe.skipIf(url === null)(name, () => {
    describeSink(name, { harness: () => openSearchHarness(url ?? ''), capabilities });
    describe('writing', () => writingTests(url ?? ''));
    describe('indexes', () => indexTests(url ?? ''));
    describe('incarnation', () => incarnationTests(url ?? ''));
    describe('aliases', () => aliasTests(url ?? ''));
  });
}
