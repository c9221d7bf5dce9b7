import type { Operation } from '@reindeer/core';
import { expect, it } from 'vitest';
import type { GenerationRef, Selection, StoredDocument } from '../sink.ts';
import { makeGeneration, put, refused, remove, type SinkSuite } from './sinkSuite.ts';

const ALL = { from: 0, to: 2 ** 20 };
const SHARDS = 3;
const BUCKETS = [0, 1, 524_287, 524_288, 1_048_575];

/** Listing what is there, by shard and bucket. */
export function idsTests(suite: () => SinkSuite): void {
  const fill = async (count: number): Promise<{ generation: GenerationRef; documents: readonly Operation[] }> => {
    const generation = await makeGeneration(suite());
    const documents = Array.from(
      { length: count },
      (_, at): Operation => ({
        ...(put(`id-${at}`, 10 + at, { at }) as Operation & { kind: 'index' }),
        shard: at % SHARDS,
        bucket: BUCKETS[at % BUCKETS.length] ?? 0,
        f1: at,
      }),
    );
    await suite().sink.write(generation, documents, suite().signal);
    return { generation, documents };
  };
  const list = async (generation: GenerationRef, selection: Selection, limit: number): Promise<StoredDocument[][]> => {
    const pages: StoredDocument[][] = [];
    for await (const page of suite().sink.ids(generation, selection, limit, suite().signal)) pages.push([...page]);
    return pages;
  };
  const idsOf = (pages: readonly (readonly StoredDocument[])[]) =>
    pages.flatMap((page) => page.map(({ id }) => id)).toSorted();

  it('lists each document once, whatever the page, with what `stored` says of it', async () => {
    const { sink, signal } = suite();
    const { generation, documents } = await fill(60);
    for (const limit of [1, 7, 60, 5_000]) {
      const pages = await list(generation, { shard: null, buckets: ALL }, limit);
      for (const page of pages) expect(page.length).toBeLessThanOrEqual(limit);
      expect(idsOf(pages)).toEqual(documents.map(({ id }) => id).toSorted());
      const listed = pages.flat();
      const ids = listed.map(({ id }) => id);
      expect(listed).toEqual(await sink.stored(generation, ids, signal));
    }
  });

  it('selects by shard and by bucket, from inclusive, to exclusive', async () => {
    const { generation, documents } = await fill(45);
    const selections = [0, 1, 2, 9, null].flatMap((shard) =>
      [ALL, { from: 0, to: 1 }, { from: 1, to: 524_288 }, { from: 524_288, to: 2 ** 20 }, { from: 2, to: 3 }].map(
        (buckets) => ({ shard, buckets }),
      ),
    );
    for (const { shard, buckets } of selections) {
      const expected = documents
        .filter((one) => (shard ?? one.shard) === one.shard && one.bucket >= buckets.from && one.bucket < buckets.to)
        .map(({ id }) => id);
      expect(idsOf(await list(generation, { shard, buckets }, 10))).toEqual(expected.toSorted());
    }
  });

  it('lists each document in one of the selections, whatever a hand wrote into its stamp', async () => {
    const { sink, signal } = suite();
    const generation = await makeGeneration(suite());
    const stamps = [
      [0, 3],
      [1, 600_000],
      [2, 5],
      [9, 7],
      [2_147_483_647, 5],
      [-3, 600_000],
      [1, -1],
      [1, 5_000_000],
    ] as const;
    const documents = stamps.map(([shard, bucket], at) => ({ ...put(`id-${at}`, 10, {}), shard, bucket }));
    await sink.write(generation, documents, signal);
    const halves = [
      { from: 0, to: 524_288 },
      { from: 524_288, to: 2 ** 20 },
    ];
    const selections = [0, 1, 2].flatMap((shard) => halves.map((buckets) => ({ shard, last: shard === 2, buckets })));
    const found = await Promise.all(selections.map((selection) => list(generation, selection, 2)));
    expect(idsOf(found.flat())).toEqual(documents.map(({ id }) => id).toSorted());
    expect(idsOf(await list(generation, { shard: null, buckets: ALL }, 3))).toHaveLength(documents.length);
    await sink.digest(generation, { shard: null }, 12, signal);
  });

  it('lists what was acknowledged just now, and no tombstones', async () => {
    const { sink, signal } = suite();
    const { generation } = await fill(3);
    await sink.write(generation, [remove('id-1', 100), put('new', 100, {})], signal);
    expect(idsOf(await list(generation, { shard: null, buckets: ALL }, 2))).toEqual(['id-0', 'id-2', 'new']);
  });

  it('lists strangers as shard 0, bucket 0, without a stamp', async () => {
    const { harness, sink, signal } = suite();
    const { generation } = await fill(6);
    await harness.writeByHand(generation, 'stranger');
    const strange = { id: 'stranger', version: expect.any(Number), stamp: null };
    expect(await sink.stored(generation, ['stranger'], signal)).toEqual([strange]);
    const first = (await list(generation, { shard: 0, buckets: { from: 0, to: 1 } }, 10)).flat();
    expect(first).toContainEqual(strange);
    for (const selection of [
      { shard: 1, buckets: ALL },
      { shard: 0, buckets: { from: 1, to: 2 ** 20 } },
      { shard: null, buckets: { from: 1, to: 2 ** 20 } },
    ])
      expect(idsOf(await list(generation, selection, 10))).not.toContain('stranger');
    expect(idsOf(await list(generation, { shard: null, buckets: ALL }, 2))).toContain('stranger');
  });

  it('stops when its caller does, and when it is aborted', async () => {
    const { harness, sink, signal } = suite();
    const { generation } = await fill(30);
    for await (const page of sink.ids(generation, { shard: null, buckets: ALL }, 5, signal)) {
      expect(page).toHaveLength(5);
      break;
    }
    const abort = new AbortController();
    const reason = new Error('stopped by the test');
    const listing = async () => {
      for await (const _ of sink.ids(generation, { shard: null, buckets: ALL }, 5, abort.signal)) abort.abort(reason);
    };
    await expect(listing()).rejects.toBe(reason);
    expect(await harness.requestsUnderWay()).toBe(0);
  });

  it('refuses a generation that is gone', async () => {
    const { sink, signal } = suite();
    const { generation } = await fill(1);
    await sink.drop(generation, signal);
    await refused('generation-gone', list(generation, { shard: null, buckets: ALL }, 5));
  });
}
