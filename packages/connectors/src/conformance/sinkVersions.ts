import type { Operation, Outcome } from '@reindeer/core';
import { expect, it } from 'vitest';
import type { GenerationRef, Sink } from '../sink.ts';
import { bodies, kinds, makeGeneration, put, remove, type SinkSuite } from './sinkSuite.ts';

/** I4 and rule 14: for sinks that compare tickets. */
export function versionTests(suite: () => SinkSuite): void {
  it('refuses an older write, and says whose ticket is there', async () => {
    const { sink, signal } = suite();
    const generation = await makeGeneration(suite());
    await sink.write(generation, [put('a', 20, { v: 20 })], signal);
    expect(await sink.write(generation, [put('a', 19, { v: 19 })], signal)).toEqual([{ kind: 'superseded', by: 20 }]);
    expect(await sink.write(generation, [remove('a', 19)], signal)).toEqual([{ kind: 'superseded', by: 20 }]);
    expect(await bodies(suite(), generation)).toEqual({ a: { v: 20 } });
  });

  it('refuses an older write after a delete, also of a document that was never there', async () => {
    const { sink, signal } = suite();
    const generation = await makeGeneration(suite());
    await sink.write(generation, [put('was', 10, {})], signal);
    expect(kinds(await sink.write(generation, [remove('was', 20), remove('never', 20)], signal))).toEqual([
      'deleted',
      'deleted',
    ]);
    expect(await sink.write(generation, [put('was', 19, {}), put('never', 19, {})], signal)).toEqual([
      { kind: 'superseded', by: 20 },
      { kind: 'superseded', by: 20 },
    ]);
    expect(await bodies(suite(), generation)).toEqual({});
    expect(await sink.count(generation, signal)).toBe(0);
  });

  it('still refuses an older write after a delete when old deletes were purged', async () => {
    const { sink, signal } = suite();
    const generation = await makeGeneration(suite());
    await sink.write(generation, [put('kept', 10, {}), put('was', 10, {})], signal);
    await sink.write(generation, [remove('was', 20), remove('never', 20)], signal);
    await sink.settle(generation, signal);
    expect(await sink.purge(generation, signal)).toBe(0);
    expect(await sink.write(generation, [put('was', 19, {}), put('never', 19, {})], signal)).toEqual([
      { kind: 'superseded', by: 20 },
      { kind: 'superseded', by: 20 },
    ]);
    expect(await bodies(suite(), generation)).toEqual({ kept: {} });
  });

  it('writes over a delete with a newer ticket', async () => {
    const { sink, signal } = suite();
    const generation = await makeGeneration(suite());
    await sink.write(generation, [remove('a', 20)], signal);
    expect(kinds(await sink.write(generation, [put('a', 21, { v: 21 })], signal))).toEqual(['written']);
    expect(await bodies(suite(), generation)).toEqual({ a: { v: 21 } });
  });

  it('replaces at an equal ticket, so that a replay is no conflict', async () => {
    const { sink, signal } = suite();
    const generation = await makeGeneration(suite());
    const batch = [put('a', 20, { v: 1 }), remove('b', 20)];
    const first = await sink.write(generation, batch, signal);
    expect(await sink.write(generation, batch, signal)).toEqual(first);
    expect(kinds(await sink.write(generation, [put('a', 20, { v: 2 })], signal))).toEqual(['written']);
    expect(await bodies(suite(), generation)).toEqual({ a: { v: 2 } });
  });

  it('applies one id that is several times in a batch as if each came by itself, in order', async () => {
    const { sink, signal } = suite();
    const generation = await makeGeneration(suite());
    const outcomes = await sink.write(
      generation,
      [
        put('a', 20, { v: 20 }),
        put('b', 20, { v: 'first' }),
        put('a', 30, { v: 30 }),
        put('b', 20, { v: 'last' }),
        put('a', 25, { v: 25 }),
        remove('c', 20),
        put('c', 21, { v: 21 }),
      ],
      signal,
    );
    expect(outcomes).toEqual([
      { kind: 'written' },
      { kind: 'written' },
      { kind: 'written' },
      { kind: 'written' },
      { kind: 'superseded', by: 30 },
      { kind: 'deleted' },
      { kind: 'written' },
    ]);
    expect(await bodies(suite(), generation)).toEqual({ a: { v: 30 }, b: { v: 'last' }, c: { v: 21 } });
  });

  it('ends with the highest ticket of parallel writers on the same ids', async () => {
    const { harness, signal } = suite();
    const generation = await makeGeneration(suite());
    const writers = [0, 1, 2, 3].map(() => harness.open());
    const documents = 150;
    const rounds = 12;
    try {
      await Promise.all(
        writers.map(async (writer, number) => {
          for (let round = 0; round < rounds; round += 1) {
            // Tickets of the writers interleave, and each goes through the ids in another order.
            const ticket = 100 + round * writers.length + ((number + round) % writers.length);
            const step = [7, 11, 13, 17][number] ?? 1;
            const ids = Array.from({ length: documents }, (_, at) => `id-${(at * step) % documents}`);
            const batch = ids.map((id): Operation => {
              return ticket % 5 === 0 ? remove(id, ticket) : put(id, ticket, { ticket });
            });
            await writeUntilTaken(writer, generation, batch, signal);
          }
        }),
      );
    } finally {
      await Promise.all(writers.map((writer) => writer.close()));
    }
    const highest = 100 + rounds * writers.length - 1;
    const found = await bodies(suite(), generation);
    expect(Object.keys(found)).toHaveLength(documents);
    for (const body of Object.values(found)) expect(body).toEqual({ ticket: highest });
  });
}

/** Sends again what was `busy`, as the engine does. */
async function writeUntilTaken(
  sink: Sink,
  generation: GenerationRef,
  batch: readonly Operation[],
  signal: AbortSignal,
): Promise<void> {
  let left = batch;
  while (left.length > 0) {
    const outcomes: readonly Outcome[] = await sink.write(generation, left, signal);
    for (const { kind } of outcomes) expect(kind).toMatch(/^(written|deleted|superseded|busy)$/);
    left = left.filter((_, at) => outcomes[at]?.kind === 'busy');
  }
}
