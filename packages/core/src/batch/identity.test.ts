import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkId, documentId } from './identity.ts';

describe('documentId', () => {
  it.each([
    [['42'], '42'],
    [['a:b\\c'], 'a:b\\c'],
    [['t1', '42'], 't1:42'],
    [['a:b', 'c'], 'a\\:b:c'],
    [['a', 'b:c'], 'a:b\\:c'],
    [['a\\', 'b'], 'a\\\\:b'],
    [['', ''], ':'],
  ])('%j is %s', (key, id) => {
    expect(documentId(key)).toBe(id);
  });

  it('gives different keys different ids', () => {
    const part = fc.string({ unit: fc.constantFrom('a', ':', '\\', 'é', '\u2028'), maxLength: 5 });
    const pair = fc.integer({ min: 2, max: 3 }).chain((n) => {
      const key = fc.array(part, { minLength: n, maxLength: n });
      return fc.tuple(key, key);
    });
    fc.assert(
      fc.property(pair, ([a, b]) => {
        expect(documentId(a) === documentId(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('checkId', () => {
  it.each([
    ['x'.repeat(512), true],
    ['x'.repeat(513), false],
    ['é'.repeat(256), true],
    ['é'.repeat(257), false],
    ['😀'.repeat(128), true],
    ['😀'.repeat(129), false],
  ])('counts bytes, not characters (case %#)', (id, good) => {
    const problem = checkId(id);
    if (good) expect(problem).toBeNull();
    else expect(problem).toMatchObject({ reason: 'key-too-long' });
  });
});
