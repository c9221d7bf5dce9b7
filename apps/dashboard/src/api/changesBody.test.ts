import { expect, it } from 'vitest';
import { changesBody, MAX_CHANGES } from './changesBody.ts';

const one = ['id'];
const two = ['tenant', 'id'];

it('takes texts, and lists with a text for each column', () => {
  expect(changesBody({ body: { keys: ['43', ['44']] } }, one)).toEqual([['43'], ['44']]);
  expect(changesBody({ body: { keys: [['t1', '42']] } }, two)).toEqual([['t1', '42']]);
  expect(changesBody({ body: { keys: Array.from({ length: MAX_CHANGES }, String) } }, one)).toHaveLength(MAX_CHANGES);
});

it.each<[string, unknown, readonly string[], string]>([
  ['no object', ['43'], one, 'Give {"keys": […]}'],
  ['nothing', undefined, one, 'Give {"keys": […]}'],
  ['no list', { keys: '43' }, one, 'Give {"keys": […]}'],
  ['something beside it', { keys: ['43'], key: 1 }, one, 'nothing beside it'],
  ['none', { keys: [] }, one, 'there are none'],
  ['too many', { keys: Array.from({ length: MAX_CHANGES + 1 }, String) }, one, 'at most 10000'],
  ['a number', { keys: ['1', 42] }, one, 'keys[1]: 42 does not do; keys are texts: "42"'],
  ['a number in a list', { keys: [['t1', 42]] }, two, 'keys are texts: ["t1","42"]'],
  ['too few columns', { keys: ['t1'] }, two, 'a list of 2 texts, for tenant, id'],
  ['too many columns', { keys: [['1', '2']] }, one, 'one column (id)'],
  ['null', { keys: [null] }, one, 'keys[0]: null'],
  ['an object', { keys: [{ id: '1' }] }, one, 'give texts'],
  ['a NUL', { keys: ['a\0'] }, one, 'PostgreSQL can hold'],
  ['half a character', { keys: ['\ud800'] }, one, 'PostgreSQL can hold'],
])('refuses %s', (_, body, columns, message) => {
  expect(() => changesBody({ body }, columns)).toThrow(message);
});
