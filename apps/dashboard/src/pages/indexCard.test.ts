import type { RunView } from '@reindeer/core';
import { type IndexOverview, notApplied } from '@reindeer/ledger';
import { expect, test } from 'vitest';
import { indexCard } from './indexCard.ts';

const ended = { run: 3, index: 'cities', state: 'failed', reason: 'definition-mismatch' } as RunView;

const live = { name: 'cities_g1', number: 1, documents: 20, promotedAt: null, caughtUp: true };

function cardOf(change: Partial<IndexOverview>): string {
  return indexCard({
    index: { ...notApplied('cities'), live, ...change, schedules: [] },
    health: null,
    lastRuns: [],
    troubles: [],
    limits: [],
    ticksPaused: false,
    canAct: false,
    nowMs: 0,
  }).text;
}

test.each([
  ['incremental', false],
  ['rebuild', true],
] as const)('whether the failure of a run is told in one word: %s, %s', (lane, told) => {
  expect(cardOf({ lastRuns: [{ ...ended, lane }] }).includes('last run failed')).toBe(told);
});

test('that what is live is of another definition, and what applies it', () => {
  expect(cardOf({})).not.toContain('definition');
  const card = cardOf({ definitionChange: { needs: 'refresh', because: ['transform'] } });
  expect(card).toContain('definition changed');
  expect(card).toContain('changed: transform; <code>reindeer run cities refresh</code> applies it in place');
});
