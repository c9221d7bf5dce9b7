import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sameJson } from './sameJson.ts';

describe('sameJson', () => {
  it.each([
    ['{"a":1,"b":[2,{"c":null}]}', '{ "b": [2, {"c": null}], "a": 1.0 }'],
    ['{"n":0.1000}', '{"n":1e-1}'],
    ['{"n":-0}', '{"n":0}'],
    ['{"n":1e400}', '{"n":10E+399}'],
    ['{"a":1,"a":2}', '{"a":2}'],
    ['{"t":"\\u00e9\\/"}', '{"t":"é/"}'],
    ['{"__proto__":{"a":1}}', '{"__proto__":{"a":1}}'],
  ])('%s says what %s says', (a, b) => expect([sameJson(a, b), sameJson(b, a)]).toEqual([true, true]));

  it.each([
    ['{"n":9007199254740993}', '{"n":9007199254740992}'],
    ['{"n":0.1}', '{"n":"0.1"}'],
    ['{"n":1e400}', '{"n":1e401}'],
    ['{"n":-1}', '{"n":1}'],
    ['{"a":null}', '{}'],
    ['{"a":[]}', '{"a":{}}'],
    ['{"a":[1,2]}', '{"a":[2,1]}'],
    ['{"a":[1]}', '{"a":[1,1]}'],
    ['{"a":1}', '{"a":{}}'],
    ['{"a":0}', '{"a":false}'],
    ['{"t":"é"}', '{"t":"e\\u0301"}'],
    ['{"__proto__":1}', '{}'],
    ['{"toString":1}', '{"a":1}'],
  ])('%s does not say what %s says', (a, b) => expect([sameJson(a, b), sameJson(b, a)]).toEqual([false, false]));

  it('holds for any value, its fields turned round and its numbers printed otherwise', () => {
    const value = fc.jsonValue({ maxDepth: 4 });
    fc.assert(
      fc.property(value, (json) => {
        expect(sameJson(JSON.stringify(json), JSON.stringify(turned(json), null, 1))).toBe(true);
        expect(sameJson(JSON.stringify([json]), JSON.stringify([json, null]))).toBe(false);
      }),
    );
  });

  it('tells numbers apart by any one digit', () => {
    const digits = fc.stringMatching(/^[1-9][0-9]{0,30}(\.[0-9]{1,30})?$/);
    fc.assert(
      fc.property(digits, fc.nat(), (number, place) => {
        const at = place % number.length;
        if (number[at] === '.') return;
        const other = `${number.slice(0, at)}${(Number(number[at]) % 9) + 1}${number.slice(at + 1)}`;
        expect(sameJson(`[${number}]`, `[${number}${number.includes('.') ? '00' : '.0'}]`)).toBe(true);
        expect(sameJson(`[${number}]`, `[${other}]`)).toBe(number === other);
      }),
    );
  });
});

function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, inner]) => [name, turned(inner)]),
  );
}
