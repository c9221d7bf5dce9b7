import { describe, expect, it } from 'vitest';
import { substitute } from './environment.ts';

describe('substitute', () => {
  const env = { NAME: 'cities', EMPTY: '', PORT: '80' };
  it.each([
    ['${NAME}', 'cities'],
    ['a ${NAME} of ${NAME}', 'a cities of cities'],
    ['${EMPTY}', ''],
    ['${EMPTY:-other}', 'other'],
    ['${NONE:-other}', 'other'],
    ['${NONE:-}', ''],
    ['$${NAME}', '${NAME}'],
    ['$NAME costs $5', '$NAME costs $5'],
  ])('%s', (text, filled) => {
    expect(substitute({ a: [{ b: text }] }, env)).toMatchObject({ value: { a: [{ b: filled }] }, problems: [] });
  });

  it.each(['${}', '${1}', '${NAME', '${NAME:default}', '${A:-${B}}'])('refuses %s', (text) => {
    expect(substitute({ a: [text] }, env).problems).toContainEqual({
      path: 'a[0]',
      message: 'has a ${ that begins no variable: write ${NAME} or ${NAME:-default}, or $${ for the two characters',
    });
  });

  it('leaves functions and keys as they are', () => {
    const transform = () => '${NAME}';
    expect(substitute({ '${NAME}': transform }, env).value).toEqual({ '${NAME}': transform });
  });

  it('knows which texts are a variable and nothing else', () => {
    const { variables } = substitute({ a: '${PORT}', b: 'x${PORT}', c: '${NONE:-3}', d: '80' }, env);
    expect([...variables]).toEqual(['a', 'c']);
  });
});
