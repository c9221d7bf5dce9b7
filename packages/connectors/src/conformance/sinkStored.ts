import type { Operation } from '@reindeer/core';
import { expect, it } from 'vitest';
import { freshIndex, makeFilled, makeGeneration, put, refused, remove, type SinkSuite } from './sinkSuite.ts';

/** What a sink says that it holds under ids: without a refresh, and without bodies. */
export function storedTests(suite: () => SinkSuite): void {
  it('tells versions and stamps at once, in the order of the ids', async () => {
    const { sink, signal } = suite();
    const generation = await makeGeneration(suite());
    const stamped: Operation = {
      kind: 'index',
      id: 'a',
      ticket: 1_763_900_000_000_001,
      shard: 3,
      bucket: 1_048_575,
      body: '{"large":"body"}',
      f1: 0xffff_ffff,
      f2: 7,
    };
    await sink.write(generation, [stamped, put('b', 20, {}), remove('b', 30), remove('never', 30)], signal);
    expect(await sink.stored(generation, ['missing', 'a', 'b', 'never', 'a'], signal)).toEqual([
      null,
      storedA,
      null,
      null,
      storedA,
    ]);
    expect(await sink.stored(generation, [], signal)).toEqual([]);
  });

  it('tells what the last write left', async () => {
    const { sink, signal } = suite();
    const generation = await makeGeneration(suite());
    for (const ticket of [10, 20, 15]) {
      await sink.write(generation, [{ ...put('a', ticket, {}), f1: ticket } as Operation], signal);
    }
    const [held] = await sink.stored(generation, ['a'], signal);
    expect(held).toMatchObject({ version: 20, stamp: { ticket: 20, f1: 20 } });
    await sink.write(generation, [remove('a', 30)], signal);
    expect(await sink.stored(generation, ['a'], signal)).toEqual([null]);
    await sink.write(generation, [put('a', 40, {})], signal);
    expect(await sink.stored(generation, ['a'], signal)).toMatchObject([{ version: 40 }]);
  });

  it('tells of 3,000 at once, and of a generation that is gone', async () => {
    const { sink, signal } = suite();
    const index = freshIndex();
    const generation = await makeFilled(suite(), index, 1, 1_500);
    const ids = Array.from({ length: 3_000 }, (_, at) => `id-${at}`);
    const held = await sink.stored(generation, ids, signal);
    expect(held.map((document) => document?.id ?? null)).toEqual(ids.map((id, at) => (at < 1_500 ? id : null)));
    await sink.drop(generation, signal);
    await refused('generation-gone', sink.stored(generation, ['a'], signal));
  });
}

const storedA = {
  id: 'a',
  version: 1_763_900_000_000_001,
  stamp: { shard: 3, bucket: 1_048_575, ticket: 1_763_900_000_000_001, f1: 0xffff_ffff, f2: 7 },
};
