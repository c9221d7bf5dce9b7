import type { Operation } from '@reindeer/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rounds } from './rounds.ts';

const removal = (id: string): Operation => ({ kind: 'delete', id, ticket: 1, shard: 0, bucket: 0 });

it('holds every position once, each id once a round, and repeats of an id in order', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'b', 'c', '__proto__')), (ids) => {
      const positions = ids.map((_, at) => at);
      const found = rounds(ids.map(removal), positions);
      expect(found.flat().toSorted((a, b) => a - b)).toEqual(positions);
      for (const round of found) expect(new Set(round.map((at) => ids[at])).size).toBe(round.length);
      for (const id of ids) {
        const repeats = found.flatMap((round) => round.filter((at) => ids[at] === id));
        expect(repeats).toEqual(repeats.toSorted((a, b) => a - b));
      }
    }),
  );
});
