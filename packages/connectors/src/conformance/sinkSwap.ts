import { InputError } from '@reindeer/core';
import { expect, it } from 'vitest';
import type { LiveGeneration } from '../sink.ts';
import { freshIndex, makeFilled, makeGeneration, makeLive, type SinkSuite } from './sinkSuite.ts';

/** Rule 11: for sinks that move the readers' name in one atomic step. */
export function swapTests(suite: () => SinkSuite): void {
  it('counts epochs, there and back again', async () => {
    const { sink, signal } = suite();
    const index = freshIndex();
    expect(await sink.live(index, signal)).toBeNull();
    const first = await makeLive(suite(), index, 1);
    expect(first).toEqual({ generation: first.generation, epoch: 1 });
    const second = await sink.promote(await makeFilled(suite(), index, 2), first, signal);
    expect(second.epoch).toBe(2);
    const back = await sink.promote(first.generation, second, signal);
    expect(back).toEqual({ generation: first.generation, epoch: 3 });
    expect(await sink.live(index, signal)).toEqual(back);
  });

  it('refuses a deposed leader', async () => {
    const { sink, signal } = suite();
    const index = freshIndex();
    const first = await makeLive(suite(), index, 1);
    const other = await makeFilled(suite(), index, 2);
    const wrong: (LiveGeneration | null)[] = [
      null,
      { generation: first.generation, epoch: 7 },
      { generation: first.generation, epoch: 0 },
      { generation: other, epoch: 1 },
    ];
    for (const expected of wrong) {
      await expect(sink.promote(other, expected, signal)).rejects.toMatchObject({ reason: 'sink-moved' });
    }
    expect(await sink.live(index, signal)).toEqual(first);
    await expect(sink.promote(await makeFilled(suite(), freshIndex(), 1), first, signal)).rejects.toMatchObject({
      reason: 'sink-moved',
    });
  });

  it('lets one of several leaders win', async () => {
    const { harness, sink, signal } = suite();
    const index = freshIndex();
    const generations = [await makeFilled(suite(), index, 1), await makeFilled(suite(), index, 2)];
    const others = generations.map(() => harness.open());
    try {
      for (let epoch = 0; epoch < 5; epoch += 1) {
        const expected = await sink.live(index, signal);
        const settled = await Promise.allSettled(
          generations.map((generation, at) => others[at]?.promote(generation, expected, signal)),
        );
        const won = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
        expect(won).toHaveLength(1);
        expect(await sink.live(index, signal)).toEqual(won[0]);
        expect(settled.find((result) => result.status === 'rejected')?.reason).toMatchObject({ reason: 'sink-moved' });
      }
    } finally {
      await Promise.all(others.map((other) => other.close()));
    }
  });

  it('refuses to swap over a change made by hand, and does not drop what readers see', async () => {
    const { harness, sink, signal } = suite();
    const index = freshIndex();
    const first = await makeLive(suite(), index, 1);
    const byHand = await makeFilled(suite(), index, 2);
    const next = await makeFilled(suite(), index, 3);
    await harness.moveByHand(index, byHand);
    await expect(sink.promote(next, first, signal)).rejects.toMatchObject({ reason: 'sink-moved' });
    expect((await sink.live(index, signal))?.generation).toEqual(byHand);
    await expect(sink.drop(byHand, signal)).rejects.toMatchObject({ reason: 'sink-moved' });
    await harness.moveByHand(index, first.generation);
    expect((await sink.promote(next, first, signal)).epoch).toBe(2);
  });

  it('leaves a stranger with the name of the index alone', async () => {
    const { harness, sink, signal } = suite();
    const index = freshIndex();
    expect(await sink.check(index, signal)).toEqual([]);
    const generation = await makeGeneration(suite(), index);
    await harness.takeName(index);
    await expect(sink.promote(generation, null, signal)).rejects.toMatchObject({ reason: 'name-taken' });
    await expect(sink.check(index, signal)).rejects.toBeInstanceOf(InputError);
    expect(await sink.live(index, signal)).toBeNull();
    expect(await sink.list(index, signal)).toEqual(
      expect.arrayContaining([expect.objectContaining({ name: index, metadata: null })]),
    );
  });

  it('is still right to check once it is live', async () => {
    const { sink, signal } = suite();
    const index = freshIndex();
    await makeLive(suite(), index);
    expect(await sink.check(index, signal)).toEqual([]);
  });

  it('shows readers the old generation or the new one, whole, at any moment', async () => {
    const { harness, sink, signal } = suite();
    const index = freshIndex();
    const [one, two] = [await makeFilled(suite(), index, 1, 300), await makeFilled(suite(), index, 2, 300)];
    let live = await sink.promote(one, null, signal);
    const reads: string[] = [];
    let swapping = true;
    const reading = (async () => {
      while (swapping) {
        const found = await harness.readIndex(index);
        const generations = new Set([...found.values()].map((text) => JSON.parse(text).generation));
        reads.push(`${found.size} of ${[...generations].join(' and ')}`);
      }
    })();
    try {
      for (let swaps = 0; swaps < 10; swaps += 1) {
        live = await sink.promote(swaps % 2 === 0 ? two : one, live, signal);
        const before = reads.length;
        await expect.poll(() => reads.length).toBeGreaterThan(before + 1);
      }
    } finally {
      swapping = false;
      await reading;
    }
    expect(new Set(reads)).toEqual(new Set(['300 of 1', '300 of 2']));
  });
}
