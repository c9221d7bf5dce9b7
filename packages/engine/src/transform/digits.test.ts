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
});
