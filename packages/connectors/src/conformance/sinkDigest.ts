import type { Operation } from '@reindeer/core';
import { expect, it } from 'vitest';
import type { DigestEntry, GenerationRef } from '../sink.ts';
import { makeGeneration, put, refused, remove, type SinkSuite } from './sinkSuite.ts';

type Document = Operation & { readonly kind: 'index' };

/** What documents add up to per bucket prefix: the sums must be the same in every sink, to the last digit. */
export function digestTests(suite: () => SinkSuite): void {
  const fill = async (documents: readonly Document[]): Promise<GenerationRef> => {
    const generation = await makeGeneration(suite());
    await suite().sink.write(generation, documents, suite().signal);
    return generation;
  };

  it('adds up by shard and prefix, exactly, for any number of bits', async () => {
    const { sink, signal } = suite();
    const documents = Array.from({ length: 400 }, (_, at) => documentAt(at));
    const generation = await fill(documents);
    for (const shard of [0, 1, 2, null]) {
      for (const bits of [0, 1, 5, 12, 20]) {
        const found = await sink.digest(generation, { shard }, bits, signal);
        expect(sorted(found)).toEqual(added(documents, shard, bits));
      }
    }
    expect(await sink.digest(generation, { shard: 7 }, 4, signal)).toEqual([]);
  });

  it('has an entry for each of more prefixes than an engine gives at once', async () => {
    const { sink, signal } = suite();
    const documents = Array.from({ length: 9_000 }, (_, at) => ({ ...documentAt(at), shard: 0, bucket: at * 116 }));
    const generation = await fill(documents);
    const found = await sink.digest(generation, { shard: 0 }, 20, signal);
    expect(sorted(found)).toEqual(added(documents, 0, 20));
  });

  it('sees what was acknowledged just now, and no tombstones', async () => {
    const { sink, signal } = suite();
    const generation = await fill([documentAt(0), documentAt(3)]);
    await sink.write(generation, [remove('id-0', 1_000), { ...documentAt(3), ticket: 1_000, f1: 5 }], signal);
    expect(await sink.digest(generation, { shard: null }, 0, signal)).toEqual([
      { prefix: 0, count: 1, f1: 5, f2: documentAt(3).f2 },
    ]);
  });

  it('counts strangers in the first prefix of shard 0, with nothing to their sums', async () => {
    const { harness, sink, signal } = suite();
    const generation = await fill([documentAt(1)]);
    await harness.writeByHand(generation, 'stranger');
    const strange = { prefix: 0, count: 1, f1: 0, f2: 0 };
    expect(await sink.digest(generation, { shard: 0 }, 8, signal)).toEqual([strange]);
    expect(sorted(await sink.digest(generation, { shard: 1 }, 8, signal))).toEqual(added([documentAt(1)], 1, 8));
    const [whole] = await sink.digest(generation, { shard: null }, 0, signal);
    expect(whole).toEqual({ prefix: 0, count: 2, f1: documentAt(1).f1, f2: documentAt(1).f2 });
  });

  it('refuses a generation that is gone', async () => {
    const { sink, signal } = suite();
    const generation = await fill([]);
    expect(await sink.digest(generation, { shard: null }, 3, signal)).toEqual([]);
    await sink.drop(generation, signal);
    await refused('generation-gone', sink.digest(generation, { shard: null }, 3, signal));
  });
}

/** Of three shards, all over the buckets, with fingerprints near the largest. */
function documentAt(at: number): Document {
  return {
    ...(put(`id-${at}`, 10, { at }) as Document),
    shard: at % 3,
    bucket: (at * 2_654_435) % 2 ** 20,
    f1: 0xffff_ffff - at,
    f2: (at * 7_919) % 2 ** 32,
  };
}

function added(documents: readonly Document[], shard: number | null, bits: number): DigestEntry[] {
  const entries = new Map<number, DigestEntry>();
  for (const { shard: own, bucket, f1, f2 } of documents) {
    if (shard !== null && shard !== own) continue;
    const prefix = Math.floor(bucket / 2 ** (20 - bits));
    const sum = entries.get(prefix) ?? { prefix, count: 0, f1: 0, f2: 0 };
    entries.set(prefix, { prefix, count: sum.count + 1, f1: sum.f1 + f1, f2: sum.f2 + f2 });
  }
  return sorted([...entries.values()]);
}

function sorted(entries: readonly DigestEntry[]): DigestEntry[] {
  return entries.toSorted((one, other) => one.prefix - other.prefix);
}
