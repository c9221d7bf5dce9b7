import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMPTY_TALLY, NO_DIFFERENCES, type Tally } from '../tally.ts';
import { decideCanaries } from './canaries.ts';
import { budgetSpent, decidePromotion, type Evidence, weighEvidence } from './evidence.ts';

const slice = (tally: Partial<Tally>, number = 1, completed = true) => ({
  number,
  completed,
  tally: { ...EMPTY_TALLY, ...tally },
});
const budget = { maxFailed: 10, maxFailedShare: 0.1 };
const ask = (evidence: Partial<Evidence>) =>
  decidePromotion({ slices: [slice({ read: 100, written: 100 })], budget, sinkCount: 100, ...evidence });

describe('decidePromotion (I6)', () => {
  it.each<[string, Partial<Evidence>, string]>([
    ['all written', {}, 'promote'],
    ['an empty table', { slices: [slice({})], sinkCount: 0 }, 'promote'],
    ['a slice that is not completed', { slices: [slice({ read: 100, written: 100 }, 1, false)] }, 'count-gate'],
    ['a row that is not accounted for', { slices: [slice({ read: 101, written: 100 })] }, 'count-gate'],
    ['a document the sink has lost', { sinkCount: 99 }, 'count-gate'],
    ['one more, left by an owner that died', { sinkCount: 101 }, 'promote'],
    ['filtered rows', { slices: [slice({ read: 100, written: 60, filtered: 40 })], sinkCount: 60 }, 'promote'],
    [
      'failures within the budget',
      { slices: [slice({ read: 100, written: 90, failed: 10 })], sinkCount: 90 },
      'promote',
    ],
    [
      'one failure too many',
      { slices: [slice({ read: 200, written: 189, failed: 11 })], sinkCount: 189 },
      'error-budget',
    ],
    [
      'a share that is used up to the last document',
      {
        slices: [slice({ read: 100, written: 71, failed: 29 })],
        budget: { maxFailed: 29, maxFailedShare: 0.29 },
        sinkCount: 71,
      },
      'promote',
    ],
    ['no slices at all', { slices: [], sinkCount: 0 }, 'count-gate'],
    ['a count that is no number', { sinkCount: Number.NaN }, 'count-gate'],
    ['too large a share', { slices: [slice({ read: 20, written: 17, failed: 3 })], sinkCount: 17 }, 'error-budget'],
    [
      'digests that are alike',
      { slices: [slice({ read: 100, written: 100 }), { ...slice({}, 2), differences: NO_DIFFERENCES }] },
      'promote',
    ],
    [
      'one document that differs',
      {
        slices: [slice({ read: 100, written: 100 }), { ...slice({}, 2), differences: { ...NO_DIFFERENCES, stale: 1 } }],
      },
      'digest-gate',
    ],
    [
      'a canary that is not answered',
      { canaries: decideCanaries([{ query: 'elk', minHits: 2, ids: [] }], [{ hits: 1, ids: [] }]) },
      'canary-gate',
    ],
    [
      'failures spread over slices',
      {
        slices: [slice({ read: 100, written: 94, failed: 6 }, 1), slice({ read: 100, written: 94, failed: 6 }, 2)],
        sinkCount: 188,
      },
      'error-budget',
    ],
  ])('%s', (_, evidence, expected) => {
    const decision = ask(evidence);
    expect(decision.kind === 'promote' ? 'promote' : decision.reason).toBe(expected);
  });

  it('says with figures what is wrong', () => {
    const decision = ask({ slices: [slice({ read: 200, written: 189, failed: 11 })], sinkCount: 189 });
    expect(decision).toMatchObject({
      detail: expect.stringContaining('11 of 200 documents were refused; permitted are 10'),
    });
  });

  it('gives each gate with its figures, those that pass too', () => {
    const gates = weighEvidence({
      slices: [
        slice({ read: 20, written: 19, failed: 1 }),
        { ...slice({}, 2), differences: { missing: 2, extra: 1, stale: 4 } },
      ],
      budget,
      sinkCount: 19,
      canaries: decideCanaries([{ query: 'elk', minHits: 1, ids: [] }], [{ hits: 3, ids: [] }]),
    });
    expect(gates.map(({ gate, passed, found, permitted }) => [gate, passed, found, permitted])).toEqual([
      ['count-gate', true, 2, 2],
      ['count-gate', true, 20, 20],
      ['error-budget', true, 1, 10],
      ['count-gate', true, 19, 19],
      ['digest-gate', false, 7, 0],
      ['canary-gate', true, 3, 1],
    ]);
    expect(gates[4]?.detail).toContain('2 are missing, 1 have no row, 4 are stale');
  });

  it('spends the absolute part of the budget with the first document beyond it', () => {
    expect([0, 10, 11].map((failed) => budgetSpent(failed, budget))).toEqual([false, false, true]);
    expect([0, 1].map((failed) => budgetSpent(failed, { ...budget, maxFailed: 0 }))).toEqual([false, true]);
  });

  it('promotes nothing in which a row is missing, wherever it is missing', () => {
    const tally = fc.record({ written: fc.nat(50), unchanged: fc.nat(50), filtered: fc.nat(50), deleted: fc.nat(50) });
    fc.assert(
      fc.property(
        fc.array(tally, { minLength: 1, maxLength: 8 }),
        fc.nat(),
        fc.integer({ min: 1, max: 5 }),
        (tallies, at, lost) => {
          const whole = (t: (typeof tallies)[number]) => t.written + t.unchanged + t.filtered + t.deleted;
          const slices = tallies.map((t, n) => slice({ ...t, read: whole(t) }, n + 1));
          const sinkCount = tallies.reduce((sum, t) => sum + t.written + t.unchanged, 0);
          expect(ask({ slices, sinkCount }).kind).toBe('promote');
          const broken = slices.map((s, n) =>
            n === at % slices.length ? { ...s, tally: { ...s.tally, read: s.tally.read + lost } } : s,
          );
          expect(ask({ slices: broken, sinkCount }).kind).toBe('refuse');
        },
      ),
    );
  });
});
