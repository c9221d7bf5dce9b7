import type { IndexDefinition } from '@reindeer/core';
import { expect, it } from 'vitest';
import { missingLines } from './missingLines.ts';

const NOW = Date.parse('2026-01-01T01:00:00.000Z');
const retired = { createdAt: '2026-01-01T00:00:00.000Z', retiredAt: '2026-01-01T00:48:00.000Z', staleReason: null };

function index(changes: IndexDefinition['source']['changes'], feed = true): IndexDefinition {
  return { name: 'cities', source: { changes }, incremental: feed ? { everyMs: 1_000 } : null } as IndexDefinition;
}

it('says nothing of an index whose log was followed all the time', () => {
  expect(missingLines(index('log'), retired, { direction: 'back', force: false }, NOW)).toEqual([]);
});

it.each([
  [
    'modified-column',
    index('modified-column'),
    'deleted from the source since it was live last (12 min ago) may still be',
  ],
  ['none', index('none'), 'inserted, changed or deleted in the source since it was live last (12 min ago)'],
  ['no feed', index('none', false), 'inserted, changed or deleted'],
] as const)('says what may be missing, and what mends it: %s', (_, definition, lacks) => {
  const [first, second] = missingLines(definition, retired, { direction: 'back', force: false }, NOW);
  expect(first).toContain(lacks);
  expect(second).toContain('A refresh of every shard is owed');
});

it('says what a forced promotion may lack', () => {
  const forced = { direction: 'back', force: true } as const;
  expect(missingLines(index('log'), retired, forced, NOW)[0]).toContain('Made live by force');
  expect(missingLines(index('log'), { ...retired, staleReason: 'soaked' }, forced, NOW)[0]).toContain(
    'inserted, changed or deleted',
  );
  expect(
    missingLines(index('log'), { ...retired, retiredAt: null }, { direction: 'on', force: true }, NOW)[0],
  ).toContain('since it was built (1 h ago)');
});
