import type { Key } from '@reindeer/core';
import type { KeyKind, SourceRow } from './sourceHarness.ts';

/** Keys that a careless adapter loses, changes or puts in the wrong place, in no order. */
export const AWKWARD_KEYS: Readonly<Record<KeyKind, readonly string[]>> = {
  integer: [
    '0',
    '-1',
    '9007199254740993',
    '9007199254740992',
    '-9223372036854775808',
    '9223372036854775807',
    '1000000000',
    '10',
    '9',
  ],
  text: [
    'a',
    'B',
    'b',
    'A',
    'ä',
    'z',
    'Z',
    '',
    ' ',
    "it's",
    '"',
    '\\',
    ':',
    'a\nb',
    '😀',
    '\u2028',
    'a b',
    '10',
    '9',
    '%_',
    '$1',
  ],
  'bytes-text': ['a', 'B', 'b', 'A', 'ä', 'z', '', "'", '\\:', '\n', '😀', '\uffee', '\u2028', '10', '9', '--', '/*'],
  instant: [
    '2024-02-29 12:00:00.000001+00',
    '2024-02-29 12:00:00.000002+00',
    '2024-02-29 12:00:00+00',
    '1969-12-31 23:59:59.999999+00',
    '0001-01-01 00:00:00+00',
    '9999-12-31 23:59:59.999999+00',
  ],
  uuid: [
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    '7f000000-0000-4000-8000-000000000000',
    '80000000-0000-4000-8000-000000000000',
  ],
};

/** Every kind of key, and one of two columns, with what to call it. */
export const KEYS: readonly (readonly [string, readonly KeyKind[]])[] = [
  ['integer', ['integer']],
  ['text', ['text']],
  ['bytes-text', ['bytes-text']],
  ['instant', ['instant']],
  ['uuid', ['uuid']],
  ['text and integer', ['text', 'integer']],
];

export function rowOf(key: Key, label = 'first', amount = '1'): SourceRow {
  return { key, label, amount };
}

/** Rows with the integer keys 1 to `count`. */
export function numberedRows(count: number): SourceRow[] {
  return Array.from({ length: count }, (_, place) => rowOf([String(place + 1)]));
}

/** Every combination of the kinds' awkward keys. */
export function awkwardRows(kinds: readonly KeyKind[]): SourceRow[] {
  let keys: Key[] = [[]];
  for (const kind of kinds) keys = keys.flatMap((key) => AWKWARD_KEYS[kind].map((text) => [...key, text]));
  return keys.map((key) => rowOf(key));
}
