import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PrefixTracker } from './prefix.ts';

describe('PrefixTracker (I2)', () => {
  it('covers each batch once, in order, and never one before those ahead of it', () => {
    const orders = fc.integer({ min: 1, max: 40 }).chain((count) =>
      fc.shuffledSubarray(
        Array.from({ length: count }, (_, at) => at),
        { minLength: count, maxLength: count },
      ),
    );
    fc.assert(
      fc.property(orders, (order) => {
        const tracker = new PrefixTracker<number>();
        for (let at = 0; at < order.length; at += 1) tracker.begin(at);
        const acknowledged = new Set<number>();
        const covered: number[] = [];
        for (const sequence of order) {
          acknowledged.add(sequence);
          for (const result of tracker.acknowledge(sequence, sequence)) {
            for (let before = 0; before <= result; before += 1) expect(acknowledged.has(before)).toBe(true);
            covered.push(result);
          }
        }
        expect(covered).toEqual(Array.from({ length: order.length }, (_, at) => at));
      }),
    );
  });

  it('totals exactly, with a cursor that only goes on, while batches begin and end in any order', () => {
    const step = fc.record({ begin: fc.boolean(), pick: fc.nat(), read: fc.nat(1_000) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const tracker = new PrefixTracker<{ cursor: number; read: number }>();
        const inFlight: number[] = [];
        const acknowledged = new Map<number, number>();
        let [begun, cursor, total] = [0, -1, 0];
        for (const { begin, pick, read } of steps) {
          if (begin || inFlight.length === 0) {
            tracker.begin(begun);
            inFlight.push(begun);
            begun += 1;
            continue;
          }
          const [sequence = 0] = inFlight.splice(pick % inFlight.length, 1);
          acknowledged.set(sequence, read);
          for (const covered of tracker.acknowledge(sequence, { cursor: sequence, read })) {
            expect(covered.cursor).toBe(cursor + 1);
            cursor = covered.cursor;
            total += covered.read;
          }
          // Just short of the oldest batch that is still under way, and all that lies before it.
          expect(cursor).toBe(Math.min(begun, ...inFlight) - 1);
          expect(total).toBe([...acknowledged].reduce((sum, [at, count]) => (at <= cursor ? sum + count : sum), 0));
        }
      }),
    );
  });

  it('takes undefined as a result like any other', () => {
    const tracker = new PrefixTracker<undefined>();
    tracker.begin(0);
    tracker.begin(1);
    expect(tracker.acknowledge(1, undefined)).toEqual([]);
    expect(tracker.acknowledge(0, undefined)).toEqual([undefined, undefined]);
  });

  it('refuses what was not begun, or was acknowledged before', () => {
    const tracker = new PrefixTracker<string>();
    expect(() => tracker.begin(1)).toThrow('0 expected');
    tracker.begin(0);
    expect(() => tracker.acknowledge(1, 'b')).toThrow('not under way');
    tracker.acknowledge(0, 'a');
    expect(() => tracker.acknowledge(0, 'a')).toThrow('not under way');
  });
});
