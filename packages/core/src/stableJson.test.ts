import fc from 'fast-check';
import { expect, it } from 'vitest';
import { stableJson } from './stableJson.ts';

it('is the same text whatever the order of members, and keeps that of lists', () => {
  expect(stableJson({ b: [2, 1], a: { d: null, c: 1 } })).toBe('{"a":{"c":1,"d":null},"b":[2,1]}');
  expect(stableJson({ a: { c: 1, d: null }, b: [2, 1] })).toBe(stableJson({ b: [2, 1], a: { d: null, c: 1 } }));
  expect(stableJson([1, 2])).not.toBe(stableJson([2, 1]));
});

it('says what it was made of', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      expect(JSON.parse(stableJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
