import type { RunView } from '@reindeer/core';
import { notApplied } from '@reindeer/ledger';
import { expect, test } from 'vitest';
import { indexCard } from './indexCard.ts';

const ended = { run: 3, index: 'cities', state: 'failed', reason: 'definition-mismatch' } as RunView;

test.each([
  ['incremental', false],
  ['rebuild', true],
] as const)('whether the failure of a run is told in one word: %s, %s', (lane, told) => {
  const live = { name: 'cities_g1', number: 1, documents: 20, promotedAt: null, caughtUp: true };
  const card = indexCard({
    index: { ...notApplied('cities'), live, lastRuns: [{ ...ended, lane }], schedules: [] },
    health: null,
    lastRuns: [],
    troubles: [],
    limits: [],
    ticksPaused: false,
    canAct: false,
    nowMs: 0,
  });
  expect(card.text.includes('last run failed')).toBe(told);
});
