import { expect, test } from 'vitest';
import { pendingChange, pendingChangeText } from './pendingChange.ts';

test.each([
  ['nothing', [], 'changed; `reindeer run cities refresh` applies it in place'],
  [
    'refresh',
    ['transform', 'revision'],
    'changed: transform, revision; `reindeer run cities refresh` applies it in place',
  ],
  ['rebuild', ['sink.mappings'], 'changed: sink.mappings; only a rebuild applies it: `reindeer run cities`'],
] as const)('a change that needs %s, in words', (needs, because, text) => {
  expect(pendingChangeText('cities', pendingChange({ needs, because }))).toContain(text);
});
