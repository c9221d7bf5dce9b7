import { expect, it } from 'vitest';
import {
  bodies,
  freshIndex,
  makeFilled,
  makeGeneration,
  makeLive,
  metadataOf,
  put,
  refused,
  remove,
  type SinkSuite,
} from './sinkSuite.ts';

/** The life of a generation: made, loaded, settled, dropped. */
export function generationTests(suite: () => SinkSuite): void {
  it('makes a generation once for the run that asks again, also when both ask at once', async () => {
    const { harness, sink, signal } = suite();
    const metadata = metadataOf(freshIndex());
    const other = harness.open();
    try {
      const [one, two] = await Promise.all([
        sink.createGeneration(metadata, signal),
        other.createGeneration(metadata, signal),
      ]);
      expect(one).toEqual({ index: metadata.index, name: metadata.name });
      expect(two).toEqual(one);
      await sink.write(one, [put('a', 10, {})], signal);
      await other.createGeneration(metadata, signal);
      expect(await bodies(suite(), one)).toEqual({ a: {} });
    } finally {
      await other.close();
    }
  });

  it('adopts nothing that another run or a stranger made', async () => {
    const { harness, sink, signal } = suite();
    const metadata = metadataOf(freshIndex());
    await sink.createGeneration(metadata, signal);
    await refused('name-taken', sink.createGeneration({ ...metadata, nonce: 'another' }, signal));
    const stranger = metadataOf(freshIndex());
    await harness.takeName(stranger.name);
    await refused('name-taken', sink.createGeneration(stranger, signal));
    await refused('name-taken', sink.drop(stranger, signal));
    expect(await sink.list(stranger.index, signal)).toMatchObject([{ name: stranger.name, metadata: null }]);
  });

  it('never lowers a ticket bound', async () => {
    const { sink, signal } = suite();
    const index = freshIndex();
    const generation = await makeGeneration(suite(), index);
    const bound = async () => (await sink.list(index, signal))[0]?.metadata?.ticketBound;
    expect(await bound()).toBe(1_000);
    await sink.reserve(generation, 1_763_900_000_000_000, signal);
    await sink.reserve(generation, 2_000, signal);
    expect(await bound()).toBe(1_763_900_000_000_000);
  });

  it('settles again and again, and takes writes afterwards', async () => {
    const { sink, signal } = suite();
    const generation = await makeFilled(suite(), freshIndex(), 1);
    await Promise.all([sink.settle(generation, signal), sink.settle(generation, signal)]);
    await sink.write(generation, [put('later', 20, {})], signal);
    await sink.settle(generation, signal);
    expect(await sink.count(generation, signal)).toBe(4);
  });

  it('lists generations with what they say of themselves, and strangers', async () => {
    const { harness, sink, signal } = suite();
    const index = freshIndex();
    expect(await sink.list(index, signal)).toEqual([]);
    const live = await makeLive(suite(), index, 1);
    const second = { ...metadataOf(index, 2), fingerprint: 'ab12', system: '7/1', ledger: 'ours' };
    await sink.createGeneration(second, signal);
    await makeGeneration(suite(), `${index}_german`, 1);
    await harness.takeName(`${index}_g3_by_hand`);
    const listed = await sink.list(index, signal);
    expect(listed.map(({ name, live, metadata }) => ({ name, live, metadata }))).toEqual(
      expect.arrayContaining([
        { name: live.generation.name, live: true, metadata: metadataOf(index, 1) },
        { name: metadataOf(index, 2).name, live: false, metadata: second },
        { name: `${index}_g3_by_hand`, live: false, metadata: null },
      ]),
    );
    expect(listed).toHaveLength(3);
    expect(listed.find(({ live }) => live)?.bytes).toBeGreaterThan(0);
  });

  it('stays the same incarnation whatever is done with it', async () => {
    const { harness, sink, signal } = suite();
    const index = freshIndex();
    const generation = await makeGeneration(suite(), index);
    const first = await sink.incarnation(generation, signal);
    expect(first).toMatch(/^\S{10,}$/);
    await sink.write(generation, [put('a', 10, {}), put('b', 10, {}), remove('a', 20), remove('never', 20)], signal);
    await sink.settle(generation, signal);
    await sink.reserve(generation, 1_763_900_000_000_000, signal);
    await sink.promote(generation, null, signal);
    await sink.write(generation, [put('c', 30, {})], signal);
    await sink.settle(generation, signal);
    expect(await sink.incarnation(generation, signal)).toBe(first);
    const other = harness.open();
    try {
      expect(await other.incarnation(generation, signal)).toBe(first);
    } finally {
      await other.close();
    }
    const next = await makeGeneration(suite(), index, 2);
    expect(await sink.incarnation(next, signal)).not.toBe(first);
  });

  it('drops a generation once and for all', async () => {
    const { sink, signal } = suite();
    const index = freshIndex();
    const generation = await makeFilled(suite(), index, 1);
    await sink.drop(generation, signal);
    await sink.drop(generation, signal);
    expect(await sink.list(index, signal)).toEqual([]);
    // A worker that does not know yet.
    await refused('generation-gone', sink.write(generation, [put('a', 20, {})], signal));
    await refused('generation-gone', sink.settle(generation, signal));
    await refused('generation-gone', sink.count(generation, signal));
    await refused('generation-gone', sink.incarnation(generation, signal));
    await refused('generation-gone', sink.reserve(generation, 2_000, signal));
    await refused('generation-gone', sink.promote(generation, null, signal));
    expect(await sink.list(index, signal)).toEqual([]);
    expect(await sink.live(index, signal)).toBeNull();
  });

  it('does not drop what is live', async () => {
    const { sink, signal } = suite();
    const index = freshIndex();
    const live = await makeLive(suite(), index);
    await refused('sink-moved', sink.drop(live.generation, signal));
    expect(await sink.live(index, signal)).toEqual(live);
    const next = await makeFilled(suite(), index, 2);
    await sink.promote(next, live, signal);
    await sink.drop(live.generation, signal);
    expect(await sink.count(next, signal)).toBe(3);
  });
}
