import { describe, expect, it } from 'vitest';
import { collect, fieldOf, readSource } from './readSource.ts';
import type { SourceHarness } from './sourceHarness.ts';
import { numberedRows, rowOf } from './sourceRows.ts';
import { useSource } from './useSource.ts';

/** What a page holds, and how much. */
export function documentCases(harness: SourceHarness): void {
  describe('documents', () => {
    it('keep every digit of a number', () => {
      const amounts = [
        '9007199254740993',
        '0.1000',
        `1${'0'.repeat(400)}`,
        '-0.000000000000000000000001',
        '123456789012345678901234567890.5',
      ];
      const rows = amounts.map((amount, place) => rowOf([String(place)], 'first', amount));
      return useSource(harness, ['integer'], rows, async (fixture) => {
        const pages = await collect(readSource(fixture.source));
        const documents = pages.flatMap((page) => page.documents);
        expect(documents.map(({ json }) => fieldOf(json, 'amount'))).toEqual(amounts);
      });
    });

    it('keep every character of a text', () => {
      const labels = [
        '',
        ' ',
        "'",
        '"',
        '\\',
        '\n\r\t',
        '\u2028\u2029',
        '😀',
        'é',
        'e\u0301',
        '\u0001',
        '</script>',
        '\\u0000',
      ];
      const rows = labels.map((label, place) => rowOf([String(place)], label));
      return useSource(harness, ['integer'], rows, async (fixture) => {
        const pages = await collect(readSource(fixture.source));
        const documents = pages.flatMap((page) => page.documents);
        expect(documents.map(({ json }) => fieldOf(json, 'label'))).toEqual(labels);
      });
    });

    it('have a fingerprint that only a change of the row changes', () =>
      useSource(harness, ['integer'], numberedRows(50), async (fixture) => {
        const prints = async () => {
          const pages = await collect(readSource(fixture.source, { maxDocuments: 9 }));
          return pages.flatMap((page) => page.documents.map(({ f1, f2 }) => `${f1} ${f2}`));
        };
        const first = await prints();
        expect(new Set(first).size).toBe(50);
        for (const half of first.flatMap((print) => print.split(' ').map(Number))) {
          expect(Number.isInteger(half) && half >= 0 && half < 2 ** 32).toBe(true);
        }
        expect(await prints()).toEqual(first);
        await fixture.put([rowOf(['7'], 'changed')]);
        const second = await prints();
        expect(second.flatMap((print, place) => (print === first[place] ? [] : [place]))).toEqual([6]);
      }));
  });

  describe('a page', () => {
    it('has as many documents as the pace says when it is read', () =>
      useSource(harness, ['integer'], numberedRows(60), async (fixture) => {
        const asked: number[] = [];
        const maxDocuments = () => {
          const limit = [1, 10, 2, 20, 5][asked.length % 5] ?? 1;
          asked.push(limit);
          return limit;
        };
        const pages = await collect(readSource(fixture.source, { maxDocuments }));
        expect(pages.slice(0, -1).map((page) => page.documents.length)).toEqual(asked.slice(0, pages.length - 1));
        expect(pages.at(-1)?.documents.length).toBeLessThanOrEqual(asked.at(-1) ?? 0);
        expect(pages.reduce((sum, page) => sum + page.documents.length, 0)).toBe(60);
      }));

    it('ends before the row that would be too many bytes, and the next begins with it', () => {
      const rows = numberedRows(60).map((row, place) => ({ ...row, label: 'x'.repeat((place % 7) * 100) }));
      return useSource(harness, ['integer'], rows, async (fixture) => {
        const pages = await collect(readSource(fixture.source, { maxBytes: 2_000 }));
        expect(pages.flatMap((page) => page.documents.map(({ id }) => id))).toEqual(rows.map(({ key }) => key[0]));
        for (const [place, page] of pages.entries()) {
          const bytes = page.documents.reduce((sum, { json }) => sum + Buffer.byteLength(json), 0);
          expect(page.bytes).toBe(bytes);
          expect(bytes).toBeLessThanOrEqual(2_000);
          const next = pages[place + 1]?.documents[0];
          // The documents asked for are an estimate, so a page may be shorter than it could; never much.
          if (next !== undefined) expect(bytes + Buffer.byteLength(next.json)).toBeGreaterThan(1_000);
        }
      });
    });

    it('has one document when that alone is too many bytes', () => {
      const rows = numberedRows(9).map((row, place) => (place % 3 === 1 ? { ...row, label: 'ä'.repeat(5_000) } : row));
      return useSource(harness, ['integer'], rows, async (fixture) => {
        const pages = await collect(readSource(fixture.source, { maxBytes: 1_000 }));
        expect(pages.flatMap((page) => page.documents.map(({ id }) => id))).toEqual(rows.map(({ key }) => key[0]));
        for (const page of pages) if (page.bytes > 1_000) expect(page.documents).toHaveLength(1);
      });
    });
  });
}
