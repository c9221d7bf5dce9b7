import { documentId, type Key, WHOLE_RANGE } from '@reindeer/core';
import { describe, expect, it } from 'vitest';
import { collect, idsOf, range, readSource } from './readSource.ts';
import type { SourceFixture, SourceHarness } from './sourceHarness.ts';
import { awkwardRows, numberedRows, rowOf } from './sourceRows.ts';
import { useSource } from './useSource.ts';

const signal = new AbortController().signal;

/** What the planner relies on. */
export function boundariesCases(harness: SourceHarness): void {
  describe('boundaries', () => {
    it.each([
      { rows: 0, pieces: 4, bounds: 0 },
      { rows: 1, pieces: 4, bounds: 0 },
      { rows: 3, pieces: 16, bounds: 2 },
      { rows: 16, pieces: 16, bounds: 15 },
      { rows: 100, pieces: 1, bounds: 0 },
      { rows: 100, pieces: 7, bounds: 6 },
    ])('of $rows rows in $pieces pieces are $bounds', ({ rows, pieces, bounds }) =>
      useSource(harness, ['integer'], numberedRows(rows), async (fixture) => {
        const keys = await collect(fixture.source.boundaries(WHOLE_RANGE, pieces, signal));
        expect(keys).toHaveLength(bounds);
        const sizes = await pieceSizes(fixture, keys);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );

    it('are keys that are there, ascending, for any kind of key', () =>
      useSource(harness, ['text', 'integer'], awkwardRows(['text', 'integer']), async (fixture) => {
        const all = (await fixture.keys()).map(documentId);
        const keys = (await collect(fixture.source.boundaries(WHOLE_RANGE, 10, signal))).map(documentId);
        const places = keys.map((key) => all.indexOf(key));
        expect(places).not.toContain(-1);
        expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
        expect(keys).toHaveLength(9);
      }));

    it('stay within their range', () =>
      useSource(harness, ['integer'], numberedRows(100), async (fixture) => {
        const keys = await collect(fixture.source.boundaries(range(['20'], ['40']), 4, signal));
        expect(keys).toEqual([['25'], ['30'], ['35']]);
      }));

    it('cut the table so that no row is lost or twice, also with rows that came later', () =>
      useSource(harness, ['integer'], numberedRows(200), async (fixture) => {
        const keys = await collect(fixture.source.boundaries(WHOLE_RANGE, 8, signal));
        await fixture.put(['-5', '0', '1000', '9007199254740993'].map((key) => rowOf([key])));
        await fixture.remove(keys.slice(0, 2));
        const ids: string[] = [];
        for (const bounds of piecesOf(keys)) {
          ids.push(...idsOf(await collect(readSource(fixture.source, { range: bounds, maxDocuments: 6 }))));
        }
        expect(ids).toEqual((await fixture.keys()).map(documentId));
      }));
  });

  it('describes its key, its rows and its server', () =>
    useSource(harness, ['text', 'integer'], awkwardRows(['text', 'integer']), async (fixture) => {
      const described = await fixture.source.describe(signal);
      expect(described.key.map(({ name }) => name)).toEqual(['k1', 'k2']);
      expect(described.columns).toEqual(expect.arrayContaining(['k1', 'k2', 'label', 'amount']));
      expect(described.rows).toBe(awkwardRows(['text', 'integer']).length);
      expect(described.rowBytes).toBeGreaterThan(0);
      const position = await fixture.source.position(signal);
      expect(position).toMatchObject(described.identity);
      expect(await fixture.source.identity(signal)).toEqual(described.identity);
      expect(described.identity.system).not.toBe('');
    }));
}

function piecesOf(keys: readonly Key[]) {
  return [null, ...keys].map((after, place) => range(after, keys[place] ?? null));
}

async function pieceSizes(fixture: SourceFixture, keys: readonly Key[]): Promise<number[]> {
  const sizes: number[] = [];
  for (const bounds of piecesOf(keys)) {
    sizes.push(idsOf(await collect(readSource(fixture.source, { range: bounds }))).length);
  }
  return sizes;
}
