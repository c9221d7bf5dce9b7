import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CatchUp, decideCaughtUp } from './caughtUp.ts';

const NOW = 1_000_000;
const gate = { after: NOW - 60_000, maxLagMs: 10_000, joins: true };
const current: CatchUp = {
  now: NOW,
  joined: true,
  passedAt: NOW - 1_000,
  staleReason: null,
  owed: { shards: 0, causes: [], runs: [], failed: null },
  trouble: null,
  feedHeld: false,
  refreshHeld: false,
};

describe('decideCaughtUp (rule 10)', () => {
  it.each<[string, Partial<CatchUp>, string]>([
    ['a pass that is young enough', {}, 'go'],
    ['one as old as is permitted', { passedAt: NOW - 10_000 }, 'go'],
    ['a generation that has not joined', { joined: false }, 'not-caught-up'],
    ['no pass yet', { passedAt: null }, 'not-caught-up'],
    ['a pass from before', { passedAt: gate.after }, 'not-caught-up'],
    ['a pass too long ago', { passedAt: NOW - 10_001 }, 'not-caught-up'],
    ['an owed refresh', { owed: { ...current.owed, shards: 2, causes: ['truncated'] } }, 'refresh-owed'],
    ['one that lost its place', { staleReason: 'changes-pruned' }, 'changes-pruned'],
    ['one whose soak is over', { staleReason: 'soaked' }, 'generation-stale'],
  ])('%s', (_, change, expected) => {
    const answer = decideCaughtUp({ ...current, ...change }, gate);
    expect(answer.kind === 'go' ? 'go' : answer.reason).toBe(expected);
  });

  it('does not wait for one that never joins', () => {
    const answer = decideCaughtUp({ ...current, joined: false }, { ...gate, joins: false });
    expect(answer).toMatchObject({ kind: 'refuse', reason: 'generation-stale' });
  });

  it('says what to do about a feed on hold', () => {
    expect(decideCaughtUp({ ...current, passedAt: null, feedHeld: true }, gate)).toMatchObject({
      detail: expect.stringContaining('The feed is on hold: `reindeer status'),
    });
  });

  it('says what the sink fails with at it', () => {
    expect(decideCaughtUp({ ...current, passedAt: null, trouble: 'It is closed.' }, gate)).toMatchObject({
      kind: 'wait',
      detail: expect.stringContaining('The sink takes nothing into it: It is closed.'),
    });
  });

  it.each<[string, Partial<CatchUp['owed']>, string]>([
    ['that none has begun', {}, '(truncated). A scheduler starts it.'],
    ['that is under way', { runs: [7] }, '(truncated). Run 7 makes it: `reindeer show 7`.'],
    ['of many shards', { runs: [7, 8] }, '(truncated). Runs 7, 8 make it: `reindeer show 7`.'],
    [
      'that failed',
      { failed: { run: 6, reason: 'error-budget' } },
      '(truncated). Run 6 failed (error-budget): `reindeer show 6` says why; another follows by itself, later each time.',
    ],
    ['that failed on one shard', { runs: [7], failed: { run: 6, reason: null } }, 'show 7`. Run 6 failed: `reindeer'],
  ])('names the refresh %s', (_, owed, detail) => {
    const answer = decideCaughtUp(
      { ...current, owed: { ...current.owed, shards: 1, causes: ['truncated'], ...owed } },
      gate,
    );
    expect(answer).toMatchObject({ kind: 'wait', reason: 'refresh-owed', detail: expect.stringContaining(detail) });
  });

  it('never lets one go with a pass that began before the gate, or with a refresh owed', () => {
    fc.assert(
      fc.property(fc.nat(2 * NOW), fc.nat(3), fc.nat(NOW), (passedAt, shards, after) => {
        const state = { ...current, passedAt, owed: { ...current.owed, shards, causes: ['truncated'] } };
        const answer = decideCaughtUp(state, { ...gate, after });
        expect(answer.kind === 'go').toBe(passedAt > after && NOW - passedAt <= 10_000 && shards === 0);
      }),
    );
  });
});
