import { createHash } from 'node:crypto';
import type { BucketSet, DigestEntry, KeyRange } from '@reindeer/core';
import { bucketOf, WHOLE_RANGE } from '@reindeer/core';
import { describe, expect, it } from 'vitest';
import { collect, idsOf, range, readSource } from './readSource.ts';
import type { SourceFixture, SourceHarness } from './sourceHarness.ts';
import { awkwardRows, KEYS, numberedRows, rowOf } from './sourceRows.ts';
import { useSource } from './useSource.ts';

/** What rows add up to by bucket, and which rows a bucket has: the same as `read` gives, to the last digit. */
export function digestCases(harness: SourceHarness): void {
  describe('a digest', () => {
    it.each(KEYS)('adds up what a read gives, by the bucket of the ids: %s', (_, kinds) =>
      useSource(harness, kinds, awkwardRows(kinds), async (fixture) => {
        const keys = await fixture.keys();
        const [low, high] = [
          keys[Math.floor(keys.length / 3)] ?? null,
          keys[Math.floor((2 * keys.length) / 3)] ?? null,
        ];
        for (const part of [WHOLE_RANGE, range(low, high), range(null, low), range(high, null)]) {
          for (const bits of [0, 1, 4, 7, 16, 20])
            expect(await fixture.source.digest(part, bits, never())).toEqual(await added(fixture, part, bits));
        }
      }),
    );

    it('is one of nothing where there are no rows, and changes with each row', () =>
      useSource(harness, ['integer'], [], async (fixture) => {
        expect(await fixture.source.digest(WHOLE_RANGE, 4, never())).toEqual([]);
        await fixture.put(numberedRows(500));
        const before = await fixture.source.digest(WHOLE_RANGE, 4, never());
        expect(before.reduce((sum, { count }) => sum + count, 0)).toBe(500);
        await fixture.put([rowOf(['77'], 'changed')]);
        const after = await fixture.source.digest(WHOLE_RANGE, 4, never());
        expect(after.filter((entry, at) => entry.f1 !== before[at]?.f1)).toHaveLength(1);
        expect(after).toEqual(await added(fixture, WHOLE_RANGE, 4));
      }));

    it('stops with its signal', () =>
      useSource(harness, ['integer'], numberedRows(5), async (fixture) => {
        const release = await fixture.stall();
        try {
          const abort = new AbortController();
          const reason = new Error('stopped by the test');
          const asked = fixture.source.digest(WHOLE_RANGE, 4, abort.signal).catch((error: unknown) => error);
          await expect.poll(() => fixture.running()).toBeGreaterThan(0);
          abort.abort(reason);
          expect(await asked).toBe(reason);
          await expect.poll(() => fixture.running()).toBe(0);
        } finally {
          await release();
        }
      }));
  });

  describe('the rows of some buckets', () => {
    it.each(KEYS)('are those that a read gives, in its order, with the same fingerprints: %s', (_, kinds) =>
      useSource(harness, kinds, awkwardRows(kinds), async (fixture) => {
        const keys = await fixture.keys();
        const [low, high] = [keys[1] ?? null, keys.at(-2) ?? null];
        for (const part of [WHOLE_RANGE, range(low, high)]) {
          for (const maxDocuments of [1, 3, 1_000]) {
            const buckets = { bits: 2, prefixes: new Set([1, 3]) };
            const found = await list(fixture, part, buckets, maxDocuments);
            const documents = (await documentsOf(fixture, part)).filter(({ id }) => [1, 3].includes(prefix(id, 2)));
            expect(found.documents.map(({ id, f1, f2 }) => ({ id, f1, f2 }))).toEqual(documents);
            expect(found.passed).toBe((await documentsOf(fixture, part)).length);
          }
        }
      }),
    );

    it('come in pages of about the size that is asked for, and say how many rows were gone through', () =>
      useSource(harness, ['integer'], numberedRows(3_000), async (fixture) => {
        const all = { bits: 1, prefixes: new Set([0, 1]) };
        const pages = await collect(fixture.source.fingerprints(WHOLE_RANGE, all, paceOf(100), never()));
        for (const page of pages.slice(0, -1)) expect(page.documents).toHaveLength(100);
        const sparse = { bits: 5, prefixes: new Set([9]) };
        const few = await collect(fixture.source.fingerprints(WHOLE_RANGE, sparse, paceOf(20), never()));
        for (const page of few) expect(page.documents.length).toBeLessThan(60);
        expect(few.reduce((sum, { passed }) => sum + passed, 0)).toBe(3_000);
        const none = { bits: 5, prefixes: new Set<number>() };
        const nothing = await list(fixture, WHOLE_RANGE, none, 100);
        expect(nothing).toEqual({ documents: [], passed: 3_000 });
        const last = few[0]?.last ?? null;
        expect((await list(fixture, range(last, null), sparse, 20)).documents).toEqual(
          few.slice(1).flatMap(({ documents }) => documents),
        );
      }));

    it('are none where there is no row', () =>
      useSource(harness, ['integer'], [], async (fixture) => {
        const all = { bits: 0, prefixes: new Set([0]) };
        expect(await list(fixture, WHOLE_RANGE, all, 10)).toEqual({ documents: [], passed: 0 });
      }));
  });
}

const never = () => new AbortController().signal;

const paceOf = (maxDocuments: number) => ({ maxDocuments: () => maxDocuments, maxBytes: 1_000_000, timeoutMs: 30_000 });

async function list(fixture: SourceFixture, part: KeyRange, buckets: BucketSet, maxDocuments: number) {
  const pages = await collect(fixture.source.fingerprints(part, buckets, paceOf(maxDocuments), never()));
  return {
    documents: pages.flatMap(({ documents }) => documents),
    passed: pages.reduce((sum, { passed }) => sum + passed, 0),
  };
}

async function documentsOf(fixture: SourceFixture, part: KeyRange) {
  const pages = await collect(readSource(fixture.source, { range: part }));
  expect(new Set(idsOf(pages)).size).toBe(idsOf(pages).length);
  return pages.flatMap(({ documents }) => documents.map(({ id, f1, f2 }) => ({ id, f1, f2 })));
}

function prefix(id: string, bits: number): number {
  return bucketOf(createHash('md5').update(id).digest('hex')) >> (20 - bits);
}

async function added(fixture: SourceFixture, part: KeyRange, bits: number): Promise<DigestEntry[]> {
  const entries = new Map<number, DigestEntry>();
  for (const { id, f1, f2 } of await documentsOf(fixture, part)) {
    const at = prefix(id, bits);
    const sum = entries.get(at) ?? { prefix: at, count: 0, f1: 0, f2: 0 };
    entries.set(at, { prefix: at, count: sum.count + 1, f1: sum.f1 + f1, f2: sum.f2 + f2 });
  }
  return [...entries.values()].sort((a, b) => a.prefix - b.prefix);
}
