import { expect, it } from 'vitest';
import { parseKey } from './parseKey.ts';

it.each([
  ['"abc"', ['abc']],
  ['42', ['42']],
  ['9007199254740993', ['9007199254740993']],
  ['["t1","42"]', ['t1', '42']],
  ['["t1", 9007199254740993]', ['t1', '9007199254740993']],
  ['""', ['']],
])('reads %s with every digit', (text, key) => {
  expect(parseKey(text)).toEqual(key);
});

it.each(['abc', '', '[]', 'null', '{"id":1}', '["a",null]', '[["a"]]', 'true'])('takes %s for no key', (text) => {
  expect(parseKey(text)).toBeNull();
});
