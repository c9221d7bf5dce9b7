import { describe, expect, it } from 'vitest';
import type { Canary } from '../definition.ts';
import { type CanaryAnswer, decideCanaries } from './canaries.ts';

const canary = (change: Partial<Canary>): Canary => ({ query: 'reindeer', minHits: 1, ids: [], ...change });

describe('decideCanaries', () => {
  it.each<[string, Partial<Canary>, CanaryAnswer | undefined, boolean]>([
    ['a hit', {}, { hits: 1, ids: ['1'] }, true],
    ['no hit', {}, { hits: 0, ids: [] }, false],
    ['no hit where none is asked for', { minHits: 0 }, { hits: 0, ids: [] }, true],
    ['one hit too few', { minHits: 12 }, { hits: 11, ids: [] }, false],
    ['an id among the best', { ids: ['7'] }, { hits: 3, ids: ['1', '7', '9'] }, true],
    ['an id that is not', { ids: ['7', '8'] }, { hits: 3, ids: ['1', '7', '9'] }, false],
    ['no answer', {}, undefined, false],
    ['hits that are no number', {}, { hits: Number.NaN, ids: [] }, false],
  ])('%s', (_, change, answer, passed) => {
    const gates = decideCanaries([canary(change)], answer === undefined ? [] : [answer]);
    expect(gates).toMatchObject([{ gate: 'canary-gate', passed }]);
  });

  it('says which, with figures, and has a gate for each', () => {
    const gates = decideCanaries(
      [canary({}), canary({ query: { match: { name: 'elk' } }, ids: ['42'] })],
      [
        { hits: 2, ids: [] },
        { hits: 5, ids: ['1'] },
      ],
    );
    expect(gates.map(({ passed }) => passed)).toEqual([true, false]);
    expect(gates[1]?.detail).toContain(
      '{"match":{"name":"elk"}} finds 5 documents, but among the best 100 are not: 42',
    );
    expect(decideCanaries([], [])).toEqual([]);
  });
});
