import { expect, it } from 'vitest';
import { stateWord } from './stateWord.ts';

it.each([
  ['rebuild', 'building', 'building'],
  ['refresh', 'building', 'comparing'],
  ['verify', 'building', 'comparing'],
  ['incremental', 'building', 'following'],
  ['incremental', 'planning', 'following'],
  ['incremental', 'paused', 'paused'],
  ['refresh', 'planning', 'planning'],
  ['rebuild', 'catching_up', 'catching up'],
  ['promote', 'promoting', 'promoting'],
] as const)('a %s that is %s is said to be %s', (lane, state, word) => {
  expect(stateWord({ lane, state })).toBe(word);
});
