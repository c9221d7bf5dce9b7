import { afterAll, beforeAll, describe } from 'vitest';
import type { Sink } from '../sink.ts';
import { adoptTests, refusesToAdopt } from './sinkAdopt.ts';
import { bodiesTests } from './sinkBodies.ts';
import { digestTests } from './sinkDigest.ts';
import { documentTests } from './sinkDocuments.ts';
import { generationTests } from './sinkGenerations.ts';
import type { SinkHarness } from './sinkHarness.ts';
import { idsTests } from './sinkIds.ts';
import { probeTests } from './sinkProbe.ts';
import { storedTests } from './sinkStored.ts';
import type { SinkSuite } from './sinkSuite.ts';
import { swapTests } from './sinkSwap.ts';
import { versionTests } from './sinkVersions.ts';

export type { SinkHarness } from './sinkHarness.ts';

export interface SinkConformance {
  /** Starts, or connects to, a real server. */
  readonly harness: () => Promise<SinkHarness>;
  /** What the adapter promises; the tests of what it does not promise are left out, and the rest must pass. */
  readonly capabilities: Pick<Sink['capabilities'], 'versions' | 'atomicSwap' | 'adopts'>;
}

/** What every adapter of the port `Sink` must do, against the real thing. */
export function describeSink(name: string, { harness, capabilities }: SinkConformance): void {
  describe(`${name} as a sink`, () => {
    let opened: SinkSuite | undefined;
    const suite = (): SinkSuite => {
      if (opened === undefined) throw new Error('The sink was not opened.');
      return opened;
    };
    beforeAll(async () => {
      const server = await harness();
      opened = { harness: server, sink: server.open(), signal: new AbortController().signal };
    });
    afterAll(async () => {
      await opened?.sink.close();
      await opened?.harness.close();
    });

    describe('documents', () => documentTests(suite));
    describe('generations', () => generationTests(suite));
    describe('stored', () => storedTests(suite));
    describe('ids', () => idsTests(suite));
    describe('digest', () => digestTests(suite));
    describe('bodies', () => bodiesTests(suite));
    describe('probe', () => probeTests(suite));
    describe.runIf(capabilities.versions)('versions', () => versionTests(suite));
    describe.runIf(capabilities.atomicSwap)('swap', () => swapTests(suite));
    describe('adopting', () => (capabilities.adopts ? adoptTests(suite) : refusesToAdopt(suite)));
  });
}
