import { describe } from 'vitest';
import { boundariesCases } from './sourceBoundariesCases.ts';
import { changeCases } from './sourceChangeCases.ts';
import { changeFuzzCases } from './sourceChangeFuzzCases.ts';
import { digestCases } from './sourceDigestCases.ts';
import { documentCases } from './sourceDocumentCases.ts';
import type { SourceHarness } from './sourceHarness.ts';
import { keysCases } from './sourceKeysCases.ts';
import { logCases } from './sourceLogCases.ts';
import { orderCases } from './sourceOrderCases.ts';
import { pruneCases, prunedToNothing } from './sourcePruneCases.ts';
import { stopCases } from './sourceStopCases.ts';
import { ticketCases } from './sourceTicketCases.ts';
import { transactionCases } from './sourceTransactionCases.ts';

export type {
  FollowedFixture,
  KeyKind,
  LoggedFixture,
  SourceFixture,
  SourceHarness,
  SourceRow,
  SourceWriter,
} from './sourceHarness.ts';

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
    const { openLogged, openModified } = harness;
    if (openLogged !== undefined) {
      describe('following a log', () => {
        changeCases(openLogged);
        logCases(openLogged);
        pruneCases(openLogged);
        transactionCases(openLogged);
        changeFuzzCases(openLogged, prunedToNothing);
      });
    }
    if (openModified !== undefined) {
      describe('following a modified column', () => {
        changeCases(openModified);
        changeFuzzCases(openModified);
      });
    }
  });
}
