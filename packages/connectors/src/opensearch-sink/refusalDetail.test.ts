import { expect, it } from 'vitest';
import { refusalDetail } from './refusalDetail.ts';

const SECRET = 'confidential';

it.each([
  [
    `failed to parse field [n] of type [integer] in document with id '${SECRET}'. Preview of field's value: '${SECRET}'`,
    'x: failed to parse field [n] of type [integer] (cause)',
  ],
  [
    'mapping set to strict, dynamic introduction of [other] within [_doc] is not allowed',
    'x: mapping set to strict, dynamic introduction of [other] within [_doc] is not allowed (cause)',
  ],
  [
    `Document contains at least one immense term in field="name" (whose UTF8 encoding is longer than the max length 32766), prefix of the first immense term is: '[99, 111]...', original message: ${SECRET}`,
    'x: Document contains at least one immense term in field="name" (cause)',
  ],
  [`failed on [${SECRET}] and "${SECRET}" and '${SECRET}`, 'x: failed on … and … and … (cause)'],
])('tells %j without what the document holds', (reason, detail) => {
  expect(refusalDetail({ type: 'x', reason, caused_by: { type: 'cause', reason: SECRET } })).toBe(detail);
});
