import { expect, it } from 'vitest';
import { freshIndex, makeFilled, makeLive, refused, type SinkSuite } from './sinkSuite.ts';

/** For sinks that can take the place of an ordinary index with the readers' name. */
export function adoptTests(suite: () => SinkSuite): void {
  it('takes the place of an ordinary index in one step, when told to', async () => {
    const { harness, sink, signal } = suite();
    const index = freshIndex();
    await harness.takeName(index);
    const generation = await makeFilled(suite(), index, 1);
    await refused('name-taken', sink.promote(generation, null, signal));
    await refused('name-taken', sink.promote(generation, null, signal, false));
    expect(await sink.promote(generation, null, signal, true)).toEqual({ generation, epoch: 1 });
    expect(await sink.live(index, signal)).toEqual({ generation, epoch: 1 });
    expect((await harness.readIndex(index)).size).toBe(3);
    expect((await sink.list(index, signal)).map(({ name }) => name)).toEqual([generation.name]);
  });

  it('moves nothing else by it', async () => {
    const { sink, signal } = suite();
    const index = freshIndex();
    const live = await makeLive(suite(), index, 1);
    const next = await makeFilled(suite(), index, 2);
    await refused('sink-moved', sink.promote(next, null, signal, true));
    expect(await sink.promote(next, live, signal, true)).toEqual({ generation: next, epoch: 2 });
  });
}

/** For the others: they refuse it all the same. */
export function refusesToAdopt(suite: () => SinkSuite): void {
  it('refuses the place of a stranger also when told to adopt', async () => {
    const { harness, sink, signal } = suite();
    const index = freshIndex();
    await harness.takeName(index);
    const generation = await makeFilled(suite(), index, 1);
    await refused('name-taken', sink.promote(generation, null, signal, true));
  });
}
