import type { Key } from '@reindeer/core';
import { documentId, WHOLE_RANGE } from '@reindeer/core';
import { describe, expect, it } from 'vitest';
import type { KeyedRows } from '../source.ts';
import { collect, fieldOf, range, readSource } from './readSource.ts';
import type { SourceFixture, SourceHarness } from './sourceHarness.ts';
import { awkwardRows, KEYS, numberedRows, rowOf } from './sourceRows.ts';
import { useSource } from './useSource.ts';

/** Rows by their keys, and ranges of keys: what comparing an index with its source is made of. */
export function keysCases(harness: SourceHarness): void {
  describe('rows by their keys', () => {
    it.each(KEYS)('are the same documents, with the same fingerprints, as a read gives: %s', (_, kinds) =>
      useSource(harness, kinds, awkwardRows(kinds), async (fixture) => {
        const keys = await fixture.keys();
        const pages = await collect(readSource(fixture.source));
        const found = await ask(fixture, keys);
        expect(found.rows).toHaveLength(keys.length);
        const byId = new Map(found.rows.map(({ document }) => [document?.id, document]));
        for (const { documents } of pages)
          for (const document of documents) expect(byId.get(document.id)).toEqual(document);
        for (const { key, document } of found.rows) expect(document?.id).toBe(documentId(key));
      }),
    );

    it('say which of the keys have no row', () =>
      useSource(harness, ['integer'], numberedRows(5), async (fixture) => {
        const found = await ask(fixture, [['3'], ['99'], ['5'], ['3']]);
        expect(summary(found)).toEqual({ 3: true, 5: true, 99: false });
      }));

    it('leave out texts that are no key, or not as the source prints it', () =>
      useSource(harness, ['integer'], numberedRows(20), async (fixture) => {
        const strange = [['x'], ['007'], [' 7'], ['7.0'], [''], ['9223372036854775808'], ['a\0b'], ['1', '2'], []];
        expect(summary(await ask(fixture, [...strange, ['7'], ['8']]))).toEqual({ 7: true, 8: true });
        expect(summary(await ask(fixture, strange))).toEqual({});
        expect(summary(await ask(fixture, []))).toEqual({});
      }));

    it.each(KEYS)('say which keys lie in a range, those without a row too: %s', (_, kinds) =>
      useSource(harness, kinds, awkwardRows(kinds), async (fixture) => {
        const keys = await fixture.keys();
        const [low, high] = [keys[Math.floor(keys.length / 3)], keys[Math.floor((2 * keys.length) / 3)]];
        if (low === undefined || high === undefined) throw new Error('The suite has no rows.');
        const gone = keys.filter((_key, place) => place % 2 === 0);
        await fixture.remove(gone);
        const asked = range(low, high);
        const found = await fixture.source.readKeys(keys, asked, one, never());
        expect(found.rows).toHaveLength(keys.length);
        for (const { key, inRange, document } of found.rows) {
          const place = keys.findIndex((other) => same(other, key));
          expect(inRange, JSON.stringify(key)).toBe(
            place > keys.findIndex((other) => same(other, low)) &&
              place <= keys.findIndex((other) => same(other, high)),
          );
          expect(document === null, JSON.stringify(key)).toBe(place % 2 === 0);
        }
        const present = await fixture.source.present(keys, asked, never());
        const byKey = (one_: { key: Key }, other: { key: Key }) =>
          documentId(one_.key) < documentId(other.key) ? -1 : 1;
        expect(present.toSorted(byKey)).toEqual(
          found.rows
            .map(({ key, inRange, document }) => ({ key, inRange, present: document !== null }))
            .toSorted(byKey),
        );
      }),
    );

    it('are read after the ticket was drawn: a change committed meanwhile is in them', () =>
      useSource(harness, ['integer'], numberedRows(3), async (fixture) => {
        const found = await fixture.source.readKeys(
          [['1'], ['2'], ['4']],
          WHOLE_RANGE,
          async () => {
            await fixture.relabel('later');
            await fixture.remove([['2']]);
            await fixture.put([rowOf(['4'], 'later')]);
            return 77;
          },
          never(),
        );
        expect(found.ticket).toBe(77);
        expect(summary(found)).toEqual({ 1: true, 2: false, 4: true });
        for (const { document } of found.rows)
          if (document !== null) expect(fieldOf(document.json, 'label')).toBe('later');
      }));
  });

  describe('what two ranges have in common', () => {
    it.each(KEYS)('is told by the source: %s', (_, kinds) =>
      useSource(harness, kinds, awkwardRows(kinds), async (fixture) => {
        const keys = await fixture.keys();
        const [a, b, c, d] = [0, 1, 2, 3].map((third) => keys[Math.floor((third * (keys.length - 1)) / 3)] ?? null);
        const common = (one_: [Key | null, Key | null], two: [Key | null, Key | null]) =>
          fixture.source.intersect(range(...one_), range(...two), never());
        expect(await common([null, null], [null, null])).toEqual(WHOLE_RANGE);
        expect(await common([a ?? null, null], [null, d ?? null])).toEqual(range(a ?? null, d ?? null));
        expect(await common([a ?? null, c ?? null], [b ?? null, d ?? null])).toEqual(range(b ?? null, c ?? null));
        expect(await common([b ?? null, c ?? null], [null, null])).toEqual(range(b ?? null, c ?? null));
        expect(await common([a ?? null, b ?? null], [b ?? null, c ?? null])).toBeNull();
        expect(await common([null, a ?? null], [c ?? null, null])).toBeNull();
      }),
    );

    it('refuses what is no key, and says how to write one', () =>
      useSource(harness, ['integer'], numberedRows(3), async (fixture) => {
        const { source } = fixture;
        await expect(source.intersect(range(['x'], null), range(['1'], null), never())).rejects.toThrow(/as JSON/);
        await expect(source.intersect(range(['1', '2'], null), range(['1'], null), never())).rejects.toThrow(
          /has 2 values/,
        );
      }));
  });
}

const one = () => Promise.resolve(1);
const never = () => new AbortController().signal;

function ask(fixture: SourceFixture, keys: readonly Key[]): Promise<KeyedRows> {
  return fixture.source.readKeys(keys, WHOLE_RANGE, one, never());
}

/** By id: whether there is a row. */
function summary({ rows }: KeyedRows): Record<string, boolean> {
  return Object.fromEntries(rows.map(({ key, document }) => [documentId(key), document !== null]));
}

function same(a: Key, b: Key): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
