import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstPace, nextPace } from './pace.ts';

describe('pace', () => {
  it('stays within 1 and the maximum, and at most doubles', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20_000 }),
        fc.array(
          fc.record({
            elapsedMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
            busy: fc.boolean(),
            full: fc.boolean(),
          }),
        ),
        (maxDocuments, batches) => {
          let pace = firstPace({ maxDocuments, targetMs: 300 });
          for (const { full, ...batch } of batches) {
            const documents = full ? pace.documents : Math.floor(pace.documents / 2);
            const next = nextPace(pace, { documents, ...batch });
            expect(next.documents).toBeGreaterThanOrEqual(1);
            expect(next.documents).toBeLessThanOrEqual(maxDocuments);
            expect(next.documents).toBeLessThanOrEqual(Math.max(pace.documents * 2, 10));
            pace = next;
          }
        },
      ),
    );
  });

  it('halves when the sink is busy, and comes back', () => {
    const pace = firstPace({ maxDocuments: 4_000, targetMs: 300 });
    const slower = nextPace(pace, { documents: 500, elapsedMs: 10, busy: true });
    expect(slower.documents).toBe(250);
    expect(nextPace(slower, { documents: 250, elapsedMs: 100, busy: false }).documents).toBe(500);
  });

  it('learns nothing from a batch that was not full', () => {
    const pace = firstPace({ maxDocuments: 4_000, targetMs: 300 });
    expect(nextPace(pace, { documents: 3, elapsedMs: 1, busy: false })).toEqual(pace);
  });
});
