import { describe, expect, it } from 'vitest';
import { collect, fieldOf, idsOf, readSource } from './readSource.ts';
import type { SourceHarness } from './sourceHarness.ts';
import { numberedRows, rowOf } from './sourceRows.ts';
import { useSource } from './useSource.ts';

/** Rule 1: a ticket is drawn before the snapshot of the read whose content it versions. */
export function ticketCases(harness: SourceHarness): void {
  describe('tickets', () => {
    it('are one for each page, in order, and on the page they were drawn for', () =>
      useSource(harness, ['integer'], numberedRows(23), async (fixture) => {
        let drawn = 0;
        const ticket = async () => {
          drawn += 1;
          return drawn * 10;
        };
        const pages = await collect(readSource(fixture.source, { maxDocuments: 5, ticket }));
        expect(pages.map((page) => page.ticket)).toEqual([10, 20, 30, 40, 50]);
        expect(drawn).toBe(5);
      }));

    it('come before the read: a change committed while one is drawn is in its page', () =>
      useSource(harness, ['integer'], numberedRows(20), async (fixture) => {
        let drawn = 0;
        const ticket = async () => {
          drawn += 1;
          await fixture.relabel(`page ${drawn}`);
          // One more key at the end, and one fewer before it, each time.
          await fixture.put([rowOf([String(20 + drawn)], `page ${drawn}`)]);
          await fixture.remove([[String(20 - drawn)]]);
          return drawn;
        };
        const pages = await collect(readSource(fixture.source, { maxDocuments: 4, ticket }));
        for (const page of pages) {
          expect(page.documents.map(({ json }) => fieldOf(json, 'label'))).toEqual(
            page.documents.map(() => `page ${page.ticket}`),
          );
        }
        // Each page sees what its own ticket's changes left behind the page before it.
        const there = Array.from({ length: 15 }, (_, place) => String(place + 1));
        expect(idsOf(pages)).toEqual([...there, '20', '21', '22', '23', '24', '25', '26']);
      }));

    it('are waited for', () =>
      useSource(harness, ['integer'], numberedRows(3), async (fixture) => {
        const gate = Promise.withResolvers<void>();
        const asked = Promise.withResolvers<void>();
        const ticket = async () => {
          asked.resolve();
          await gate.promise;
          return 1;
        };
        const reading = collect(readSource(fixture.source, { ticket }));
        await asked.promise;
        await fixture.put([rowOf(['4'])]);
        gate.resolve();
        expect(idsOf(await reading)).toEqual(['1', '2', '3', '4']);
      }));

    it('that fail end the read with their own error', () =>
      useSource(harness, ['integer'], numberedRows(9), async (fixture) => {
        const lost = Object.assign(new Error('another worker owns the slice'), { code: 'ECONNREFUSED' });
        let drawn = 0;
        const ticket = async () => {
          drawn += 1;
          if (drawn === 2) throw lost;
          return drawn;
        };
        const reading = collect(readSource(fixture.source, { maxDocuments: 3, ticket }));
        await expect(reading).rejects.toBe(lost);
      }));
  });
}
