import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkId, documentId, keyOfId } from './identity.ts';

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

describe('keyOfId', () => {
  it('is the inverse of documentId, for any texts and any number of columns', () => {
    const part = fc.string({ unit: fc.constantFrom('a', ':', '\\', 'é', '😀', '\u2028'), maxLength: 5 });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (key) => {
        expect(keyOfId(documentId(key), key.length)).toEqual(key);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['t1', 2],
    ['t1:42:x', 2],
    ['t1\\', 2],
    ['t1:4\\2', 2],
    ['', 2],
  ])('takes %j for no id of a key of %i columns', (id, columns) => {
    expect(keyOfId(id, columns)).toBeNull();
  });

  it('gives any text an id of one column may be, as it is', () => {
    expect(keyOfId('a:b\\c', 1)).toEqual(['a:b\\c']);
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
