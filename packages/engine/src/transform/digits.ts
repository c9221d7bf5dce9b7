/**
 * A number that may not survive being a JavaScript number: 16 digits and more, in exponent form, so small that it would
 * be printed in that form, or ending in zeros. Also finds such digits in strings, which only costs time.
 */
const DELICATE = /\d[\d.]{15}|\d[eE]|\.0{6}|\.\d*0(?!\d)|-0/;

/**
 * Parses a row so that every digit survives a later `JSON.stringify` (I10): a number that JavaScript would print
 * otherwise (2^53+1, 1e400, 0.1000) becomes an `ExactNumber`.
 */
export function parseExactly(json: string): Record<string, unknown> {
  if (!DELICATE.test(json)) return JSON.parse(json) as Record<string, unknown>;
  return JSON.parse(json, keepDigits as (key: string, value: unknown) => unknown) as Record<string, unknown>;
}

interface RawJson {
  rawJSON(text: string): unknown;
}

/**
 * A number with the digits that the database printed. A transform reckons and compares with it as with any `Number`
 * object (`price * 2`, `price > 10`), to the precision that numbers have; as a text, and in JSON, it is its own digits.
 */
export class ExactNumber extends Number {
  readonly #digits: string;

  constructor(digits: string) {
    super(digits);
    this.#digits = digits;
  }

  override toString(radix?: number): string {
    return radix === undefined || radix === 10 ? this.#digits : super.toString(radix);
  }

  toJSON(): unknown {
    return (JSON as unknown as RawJson).rawJSON(this.#digits);
  }
}

function keepDigits(_key: string, value: unknown, context: { source?: string }): unknown {
  if (typeof value !== 'number' || context.source === undefined || String(value) === context.source) return value;
  return new ExactNumber(context.source);
}
