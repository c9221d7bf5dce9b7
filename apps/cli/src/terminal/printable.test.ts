import { expect, it } from 'vitest';
import { printable } from './printable.ts';

it.each([
  ['red and bold', '\x1b[31mred\x1b[0;1mbold\x1b[0m\n\tbelow', '\x1b[31mred\x1b[0;1mbold\x1b[0m\n\tbelow'],
  ['clears the screen', 'a\x1b[2Jb', 'a\uFFFD[2Jb'],
  [
    'sets the title or the clipboard',
    '\x1b]0;owned\x07\x1b]52;c;cm0=\x07',
    '\uFFFD]0;owned\uFFFD\uFFFD]52;c;cm0=\uFFFD',
  ],
  ['writes over the line', 'failed\rcompleted\b', 'failed\uFFFDcompleted\uFFFD'],
  ['is a control of eight bits', '\x9b2J\x7f\x00', '\uFFFD2J\uFFFD\uFFFD'],
  ['is text', 'Zürich 東京 🦌', 'Zürich 東京 🦌'],
])('%s', (_, text, expected) => {
  expect(printable(text)).toBe(expected);
});
