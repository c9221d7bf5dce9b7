import { documentId } from '@reindeer/core';
import { describe, expect, it } from 'vitest';
import { collect, idsOf, range, readSource } from './readSource.ts';
import type { KeyKind, SourceHarness } from './sourceHarness.ts';
import { awkwardRows, numberedRows, rowOf } from './sourceRows.ts';
import { useSource } from './useSource.ts';

const KEYS: readonly (readonly KeyKind[])[] = [
  ['integer'],
  ['text'],
  ['bytes-text'],
  ['instant'],
  ['uuid'],
  ['bytes-text', 'instant', 'integer'],
  ['text', 'uuid'],
];

/** Keys come once each, ascending, and a read goes on from any of them. */
export function orderCases(harness: SourceHarness): void {
  describe.each(KEYS.map((kinds) => ({ kinds, title: kinds.join(', ') })))('with the key ($title)', ({ kinds }) => {
    it('gives every key once, in its own order and text', () =>
      useSource(harness, kinds, awkwardRows(kinds), async (fixture) => {
        const keys = await fixture.keys();
        expect(keys).toHaveLength(awkwardRows(kinds).length);
        const pages = await collect(readSource(fixture.source, { maxDocuments: 7 }));
        expect(idsOf(pages)).toEqual(keys.map(documentId));
        expect(pages.map((page) => documentId(page.last))).toEqual(pages.map((page) => page.documents.at(-1)?.id));
      }));

    it('goes on after the last key of any page', () =>
      useSource(harness, kinds, awkwardRows(kinds), async (fixture) => {
        const all = (await fixture.keys()).map(documentId);
        const pages = await collect(readSource(fixture.source, { maxDocuments: Math.ceil(all.length / 8) }));
        let before = 0;
        for (const page of pages) {
          before += page.documents.length;
          const rest = await collect(readSource(fixture.source, { range: range(page.last, null) }));
          expect(idsOf(rest)).toEqual(all.slice(before));
        }
      }));

    it('leaves out `after`, and gives `upTo`', () =>
      useSource(harness, kinds, awkwardRows(kinds), async (fixture) => {
        const keys = await fixture.keys();
        const last = keys.length - 1;
        for (const [from, to] of [
          [0, last],
          [1, 2],
          [0, 0],
          [Math.floor(last / 2), last - 1],
        ] as const) {
          const bounds = range(keys[from] ?? null, keys[to] ?? null);
          const pages = await collect(readSource(fixture.source, { range: bounds, maxDocuments: 3 }));
          expect(idsOf(pages)).toEqual(keys.slice(from + 1, to + 1).map(documentId));
        }
      }));
  });

  it('goes on after a key that is no longer there', () =>
    useSource(harness, ['integer'], numberedRows(10), async (fixture) => {
      await fixture.remove([['4'], ['8']]);
      const pages = await collect(readSource(fixture.source, { range: range(['4'], ['8']) }));
      expect(idsOf(pages)).toEqual(['5', '6', '7']);
    }));

  it('gives no page for an empty range', () =>
    useSource(harness, ['integer'], [], async (fixture) => {
      expect(await collect(readSource(fixture.source))).toEqual([]);
      await fixture.put([rowOf(['5'])]);
      expect(await collect(readSource(fixture.source, { range: range(['5'], null) }))).toEqual([]);
    }));
}
