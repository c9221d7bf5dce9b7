import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExactly } from './digits.ts';

const roundTrip = (json: string) => JSON.stringify(parseExactly(json));

describe('parseExactly (I10)', () => {
  it.each([
    '{"n":9007199254740993}',
    '{"n":-9223372036854775808}',
    '{"n":1e400}',
    '{"n":0.1000}',
    '{"n":-0}',
    '{"n":-0.0}',
    '{"n":1.0}',
    '{"n":10}',
    '{"n":100}',
    '{"n":0.5}',
    '{"n":1E+2}',
    '{"n":123456789012345678901234567890.12345678901234567890}',
    '{"a":[1,2.50,{"b":3.00}],"s":"1.50 and 9007199254740993"}',
  ])('%s comes through as it is', (json) => {
    expect(roundTrip(json)).toBe(json);
  });

  it('any number PostgreSQL can print comes through as it is', () => {
    const digits = fc.stringMatching(/^(0|[1-9][0-9]{0,30})$/);
    const number = fc
      .tuple(fc.boolean(), digits, fc.option(fc.stringMatching(/^[0-9]{1,30}$/)))
      .map(([negative, whole, fraction]) => `${negative ? '-' : ''}${whole}${fraction === null ? '' : `.${fraction}`}`);
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 4 }), (numbers) => {
        const json = `{"n":[${numbers.join(',')}]}`;
        expect(roundTrip(json)).toBe(json);
      }),
      { numRuns: 5_000 },
    );
  });

  it('ordinary numbers stay numbers, for a transform to reckon with', () => {
    expect(parseExactly('{"a":42,"b":1.5,"c":-7}')).toEqual({ a: 42, b: 1.5, c: -7 });
    expect(typeof parseExactly('{"a":1e2,"b":42}').b).toBe('number');
  });

  it('the others are numbers to reckon with too, and texts with every digit', () => {
    const { price, id, huge } = parseExactly('{"price":42.10000,"id":9007199254740993,"huge":1e400}') as {
      price: number;
      id: number;
      huge: number;
    };
    expect(price * 2).toBe(84.2);
    expect(price > 42).toBe(true);
    expect([Number(price), Math.round(price), price + 1]).toEqual([42.1, 42, 43.1]);
    expect(`${price} ${id}`).toBe('42.10000 9007199254740993');
    expect(price.toFixed(2)).toBe('42.10');
    expect(Number(huge)).toBe(Number.POSITIVE_INFINITY);
    expect(JSON.stringify({ half: price / 2, price, ids: [id, huge] })).toBe(
      '{"half":21.05,"price":42.10000,"ids":[9007199254740993,1e400]}',
    );
  });
});
