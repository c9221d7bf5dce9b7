import { describe } from 'vitest';
import { boundariesCases } from './source-boundaries-cases.ts';
import { documentCases } from './source-document-cases.ts';
import type { SourceHarness } from './source-harness.ts';
import { orderCases } from './source-order-cases.ts';
import { stopCases } from './source-stop-cases.ts';
import { ticketCases } from './source-ticket-cases.ts';

export type { KeyKind, SourceFixture, SourceHarness, SourceRow } from './source-harness.ts';

/**
 * The suite that every source passes, on a real server. In a test file of vitest:
 * `describeSource({ name: 'mine', open: async (kinds) => fixture })`.
 */
export function describeSource(harness: SourceHarness): void {
  describe(`${harness.name} as a Source`, () => {
    orderCases(harness);
    ticketCases(harness);
    stopCases(harness);
    documentCases(harness);
    boundariesCases(harness);
  });
}
