import { expect, test } from 'vitest';
import { LiveLine } from './LiveLine.ts';
import { memoryTerminal } from './memoryTerminal.ts';

test('a terminal sees one line that changes, and gets its cursor back', () => {
  const { terminal, written } = memoryTerminal({ live: true });
  const line = new LiveLine(terminal);
  line.show('one', 'plain one');
  line.show('two', 'plain two');
  line.clear();
  line.clear();
  expect(written()).toBe('\u001b[?25lone\u001b[K\rtwo\u001b[K\r\u001b[K\u001b[?25h');
});

test('a log gets a line at most every three seconds, and never the same twice', () => {
  let now = 0;
  const { terminal, written } = memoryTerminal({ live: false });
  const line = new LiveLine(terminal, () => now);
  line.show('', 'a');
  now = 2_999;
  line.show('', 'b');
  now = 3_000;
  line.show('', 'a');
  line.show('', 'c');
  now = 6_000;
  line.show('', 'd');
  line.clear();
  expect(written()).toBe('a\nc\nd\n');
});
