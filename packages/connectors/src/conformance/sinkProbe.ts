import { InputError } from '@reindeer/core';
import { expect, it } from 'vitest';
import { freshIndex, makeGeneration, makeLive, put, refused, remove, type SinkSuite } from './sinkSuite.ts';

/** Questions to a generation by its own name: what canaries ask before a promotion. */
export function probeTests(suite: () => SinkSuite): void {
  it('finds in the generation that it is asked of, not in the live one', async () => {
    const { sink, signal } = suite();
    const index = freshIndex();
    await makeLive(suite(), index, 1);
    const next = await makeGeneration(suite(), index, 2);
    const books = Array.from({ length: 12 }, (_, at) => put(`book-${at}`, 10, { name: `Reindeer herd ${at}` }));
    await sink.write(next, [...books, put('bear', 10, { name: 'Polar bear' }), remove('book-3', 11)], signal);
    await sink.settle(next, signal);
    const { hits, ids } = await sink.probe(next, 'reindeer', 5, signal);
    expect(hits).toBe(11);
    expect(ids).toHaveLength(5);
    expect(await sink.probe(next, 'polar bear', 100, signal)).toEqual({ hits: 1, ids: ['bear'] });
    expect(await sink.probe(next, 'polar', 0, signal)).toEqual({ hits: 1, ids: [] });
    expect(await sink.probe(next, 'walrus', 5, signal)).toEqual({ hits: 0, ids: [] });
    expect(await sink.probe(next, '  ', 5, signal)).toEqual({ hits: 0, ids: [] });
    for (const typed of ['(((', '"', ':* & |', '\0', '\ud800', 'a'.repeat(100_000)])
      expect(await sink.probe(next, typed, 5, signal), typed.slice(0, 9)).toMatchObject({ hits: expect.any(Number) });
  });

  it('takes a query of the engine, where it has one, and says what is wrong with another', async () => {
    const { harness, sink, signal } = suite();
    const generation = await makeGeneration(suite());
    await sink.write(generation, [put('a', 10, { name: 'one' }), put('b', 10, { name: 'two' })], signal);
    await sink.settle(generation, signal);
    const wrong = sink.probe(generation, { no_such_query: {} }, 5, signal);
    await expect(wrong).rejects.toThrow(InputError);
    await expect(wrong).rejects.toThrow(/rebuild\.canaries/);
    if (harness.allQuery !== undefined)
      expect(await sink.probe(generation, harness.allQuery, 1, signal)).toMatchObject({
        hits: 2,
        ids: [expect.any(String)],
      });
    await sink.drop(generation, signal);
    await refused('generation-gone', sink.probe(generation, 'one', 5, signal));
  });
}
