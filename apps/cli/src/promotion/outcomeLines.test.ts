import { expect, it } from 'vitest';
import { memoryTerminal } from '../terminal/memoryTerminal.ts';
import { aRun } from '../views/testRun.ts';
import { outcomeLines } from './outcomeLines.ts';

const { colors } = memoryTerminal().terminal;

it('says that every change is in it only where nothing may be missing', () => {
  const promoted = aRun({ lane: 'promote', caughtUp: true });
  expect(outcomeLines(promoted, [], colors).at(-1)).toBe('  It holds every change up to a moment ago.');
  const lacks = ['Rows that were deleted may still be in it.'];
  const told = outcomeLines(promoted, lacks, colors);
  expect(told.at(-1)).toBe(lacks[0]);
  expect(told.join('\n')).not.toContain('every change');
});
