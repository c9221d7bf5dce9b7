import { expect, it } from 'vitest';
import { decideFollowing, type FollowingState } from './following.ts';

const calm: FollowingState = {
  everyMs: 1_000,
  live: true,
  lagMs: 400,
  lapsed: false,
  staleReason: null,
  sourceReplaced: false,
  run: 7,
  untaken: false,
  ended: null,
  holds: [],
  error: null,
};

it.each<[string, Partial<FollowingState>, string, string | null]>([
  ['keeps up', {}, 'follows', null],
  ['a pause between passes that is long on purpose', { everyMs: 300_000, lagMs: 320_000 }, 'follows', null],
  ['an attempt that failed a moment ago', { error: 'The sink does not answer.' }, 'follows', null],
  ['failing', { error: 'The sink does not answer.', lagMs: 200_900 }, 'stands', 'for 3 min 20 s: The sink does not'],
  ['failing from the first pass on', { error: 'No triggers.', lagMs: null }, 'stands', 'a pass yet: No triggers.'],
  ['a pass that takes long', { lagMs: 200_000 }, 'stands', 'not finished a pass for 3 min 20 s.'],
  [
    'a run that no worker takes',
    { lagMs: 200_000, untaken: true },
    'stands',
    'have another configuration than the scheduler',
  ],
  ['held', { holds: [{ reason: 'paused', note: 'a look' }] }, 'stands', 'on hold (paused, “a look”); the last pass'],
  [
    'held before anything is live',
    { live: false, lagMs: null, holds: [{ reason: 'paused', note: null }] },
    'stands',
    '(paused).',
  ],
  ['no run', { run: null }, 'stands', 'No feed runs'],
  [
    'a run that somebody ended',
    { run: null, ended: { run: 6, status: 'cancelled', reason: 'cancelled', error: null } },
    'stands',
    'The last one, run 6, is cancelled (cancelled).',
  ],
  [
    'a run that failed',
    { run: null, ended: { run: 6, status: 'failed', reason: 'definition-mismatch', error: 'It changed.' } },
    'stands',
    'run 6, is failed (definition-mismatch): It changed.',
  ],
  ['of another table', { staleReason: 'definition-mismatch', lapsed: true }, 'stands', '(definition-mismatch)'],
  ['of another database', { sourceReplaced: true, lagMs: 200_000 }, 'stands', 'another database'],
  ['of the same database, whatever one process met', { sourceReplaced: true }, 'follows', null],
  ['nothing live', { live: false, lagMs: null }, 'begins', 'Nothing is live yet.'],
  ['lost its place', { lapsed: true, lagMs: null }, 'begins', 'a refresh is owed'],
  ['its first pass', { lagMs: null }, 'begins', 'first pass'],
])('%s', (_, change, kind, detail) => {
  const answer = decideFollowing({ ...calm, ...change });
  expect(answer.kind).toBe(kind);
  if (detail !== null) expect(answer).toMatchObject({ detail: expect.stringContaining(detail) });
});
