import { describe } from 'vitest';
import { boundariesCases } from './sourceBoundariesCases.ts';
import { changeCases } from './sourceChangeCases.ts';
import { changeFuzzCases } from './sourceChangeFuzzCases.ts';
import { digestCases } from './sourceDigestCases.ts';
import { documentCases } from './sourceDocumentCases.ts';
import type { SourceHarness } from './sourceHarness.ts';
import { keysCases } from './sourceKeysCases.ts';
import { orderCases } from './sourceOrderCases.ts';
import { pruneCases } from './sourcePruneCases.ts';
import { stopCases } from './sourceStopCases.ts';
import { ticketCases } from './sourceTicketCases.ts';
import { transactionCases } from './sourceTransactionCases.ts';

export type { KeyKind, LoggedFixture, SourceFixture, SourceHarness, SourceRow, SourceWriter } from './sourceHarness.ts';

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
    keysCases(harness);
    digestCases(harness);
    if (harness.openLogged !== undefined) {
      changeCases(harness.openLogged);
      pruneCases(harness.openLogged);
      transactionCases(harness.openLogged);
      changeFuzzCases(harness.openLogged);
    }
  });
}
