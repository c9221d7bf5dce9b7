/**
 * A number that may not survive being a JavaScript number: 16 digits and more, in exponent form, so small that it would
 * be printed in that form, or ending in zeros. Also finds such digits in strings, which only costs time.
 */
const DELICATE = /\d[\d.]{15}|\d[eE]|\.0{6}|\.\d*0(?!\d)|-0/;

/**
 * Parses a row so that every digit survives a later `JSON.stringify` (I10): a number that JavaScript would print
 * otherwise (2^53+1, 1e400, 0.1000) becomes a `JSON.rawJSON` object, which prints as its own digits.
 */
export function parseExactly(json: string): Record<string, unknown> {
  if (!DELICATE.test(json)) return JSON.parse(json) as Record<string, unknown>;
  return JSON.parse(json, keepDigits as (key: string, value: unknown) => unknown) as Record<string, unknown>;
}

interface RawJson {
  rawJSON(text: string): unknown;
}

function keepDigits(_key: string, value: unknown, context: { source?: string }): unknown {
  if (typeof value !== 'number' || context.source === undefined || String(value) === context.source) return value;
  return (JSON as unknown as RawJson).rawJSON(context.source);
}
