import type { Operation } from '@reindeer/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bulkLines } from './bulkLines.ts';

const put = (body: string, id = 'a'): Operation => {
  return { kind: 'index', id, ticket: 20, shard: 3, bucket: 7, body, f1: 1, f2: 2 };
};
const stamp = '"_reindeer":{"s":3,"b":7,"t":20,"f1":1,"f2":2}';
const action = '{"index":{"_id":"a","version":20,"version_type":"external_gte"}}';

it.each([
  ['{"n":0.1000}', `{${stamp},"n":0.1000}`],
  ['{}', `{${stamp}}`],
  [' \n{ \n "a" : [1,\r\n2] } ', `{${stamp},"a" : [1, 2] } `],
  ['{"a":{"_reindeer":1},"b":"_reindeer"}', `{${stamp},"a":{"_reindeer":1},"b":"_reindeer"}`],
  ['{"a":', `{${stamp},"a":`],
])('writes %j as %j', (body, line) => {
  expect(bulkLines(put(body))).toEqual({ lines: `${action}\n${line}\n` });
});

it.each(['', 'null', '[]', '"text"', '{"_reindeer":1}', '{"\\u005freindeer":1}', '{"_reindeer.b":1}'])(
  'refuses the body %j',
  (body) => {
    expect(bulkLines(put(body))).toMatchObject({ refused: { kind: 'rejected', reason: 'document-refused' } });
  },
);

it.each(['', '\ud800', 'x'.repeat(513)])('refuses the id %j', (id) => {
  expect(bulkLines(put('{}', id))).toMatchObject({ refused: { kind: 'rejected' } });
  expect(bulkLines({ kind: 'delete', id, ticket: 1, shard: 0, bucket: 0 })).toHaveProperty('refused');
});

it('never lets a body begin another action, whatever is in it', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('{', '}', '\n', '\r', '"', 'a', ' ', '\\', ',') }), (text) => {
      const made = bulkLines(put(`{${text}`));
      if ('lines' in made) expect(made.lines.split(/[\r\n]+/)).toHaveLength(3);
    }),
  );
});

it('keeps every object as it was', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue()), (body) => {
      const made = bulkLines(put(JSON.stringify(body, null, 2)));
      if (!('lines' in made)) return;
      const { _reindeer, ...rest } = JSON.parse(made.lines.split('\n')[1] ?? '');
      expect(rest).toEqual(JSON.parse(JSON.stringify(body)));
    }),
  );
});
