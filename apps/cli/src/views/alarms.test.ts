import { expect, test } from 'vitest';
import { memoryTerminal } from '../terminal/memoryTerminal.ts';
import { alarms } from './alarms.ts';

const { colors } = memoryTerminal().terminal;

test('nothing while all is alive', () => {
  expect(alarms({ workers: 1, scheduler: true, ticksPaused: false, queue: true, older: false }, colors)).toEqual([]);
});

test('a line for each thing that keeps work from going on, with its remedy', () => {
  expect(alarms({ workers: 0, scheduler: false, ticksPaused: true, queue: false, older: true }, colors)).toEqual([
    expect.stringMatching(/^No scheduler is alive: .*: reindeer scheduler$/),
    expect.stringMatching(/^No worker is alive: .*: reindeer worker$/),
    expect.stringMatching(/^The queue does not answer: .*queue\.url; it goes on by itself$/),
    expect.stringMatching(/^This configuration is older .*: reindeer scheduler --apply-config$/),
    expect.stringMatching(/^The queue of ticks is paused in Bull Board: .*: reindeer resume --ticks$/),
  ]);
});
