import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Operation, Outcome } from '../operation.ts';
import { bucketOf } from './bucket.ts';
import { sumOutcomes } from './outcomes.ts';

const operation = (id: string): Operation => ({ kind: 'delete', id, ticket: 1, shard: 0, bucket: 0 });
const outcome = fc.constantFrom<Outcome>(
  { kind: 'written' },
  { kind: 'deleted' },
  { kind: 'unchanged' },
  { kind: 'superseded', by: 7 },
  { kind: 'rejected', reason: 'bad', detail: 'very' },
);

describe('sumOutcomes', () => {
  it('accounts for every operation exactly once (I6)', () => {
    fc.assert(
      fc.property(fc.array(outcome, { maxLength: 50 }), (outcomes) => {
        const sum = sumOutcomes(
          outcomes.map((_, at) => operation(String(at))),
          outcomes,
        );
        const { written, deleted, unchanged, superseded, failed } = sum.tally;
        expect(written + deleted + unchanged + superseded + failed).toBe(outcomes.length);
        expect(sum.failures.length).toBe(failed);
        expect(sum.superseded.length).toBe(superseded);
      }),
    );
  });

  it('refuses missing and unfinished outcomes', () => {
    expect(() => sumOutcomes([operation('a')], [])).toThrow('1 operations, but 0 outcomes');
    expect(() => sumOutcomes([operation('a')], [{ kind: 'busy', retryAfterMs: null }])).toThrow('still busy');
  });
});

describe('bucketOf', () => {
  it('is the first 20 bits of the MD5', () => {
    expect(bucketOf('00000fffffffffffffffffffffffffff')).toBe(0);
    expect(bucketOf('ffffffffffffffffffffffffffffffff')).toBe(2 ** 20 - 1);
    expect(bucketOf('900150983cd24fb0d6963f7d28e17f72')).toBe(0x90015);
  });
});
