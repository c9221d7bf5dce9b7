import { InputError } from '@reindeer/core';
import { describe, expect, it } from 'vitest';
import { jobId, queueName, schedulerId, slotOf, tickTitle } from './names.ts';

describe('names', () => {
  it('are readable and free of colons', () => {
    expect(queueName('cities', 'bulk')).toBe('cities.bulk');
    expect(jobId({ nonce: 'k3f9', kind: 'slice', number: 12, delivery: 2 })).toBe('k3f9.s12.2');
    expect(jobId({ nonce: 'k3f9', kind: 'plan', number: 0, delivery: 1 })).toBe('k3f9.p0.1');
    expect(schedulerId({ index: 'cities', lane: 'rebuild', shard: -1 })).toBe('cities.rebuild');
    expect(schedulerId({ index: 'cities', lane: 'refresh', shard: 3 })).toBe('cities.refresh.3');
    expect(tickTitle({ index: 'cities', lane: 'rebuild', shard: -1 })).toBe('cities · rebuild');
    expect(tickTitle({ index: 'cities', lane: 'refresh', shard: 0 })).toBe('cities · refresh · shard 0');
  });

  it('never make a delivery number and a task number the same id', () => {
    const a = jobId({ nonce: 'n', kind: 'slice', number: 1, delivery: 11 });
    const b = jobId({ nonce: 'n', kind: 'slice', number: 11, delivery: 1 });
    expect(a).not.toBe(b);
  });

  it('refuse what BullMQ would read as a separator', () => {
    expect(() => queueName('a:b', 'live')).toThrow(InputError);
    expect(() => queueName('', 'live')).toThrow(InputError);
    expect(() => jobId({ nonce: 'a:b', kind: 'slice', number: 1, delivery: 1 })).toThrow(/nonce: "a:b"/);
  });

  it('give the slot of a scheduled tick only', () => {
    expect(slotOf('repeat:cities.rebuild:1700000000000')).toBe(1_700_000_000_000);
    expect(slotOf('17')).toBeNull();
    expect(slotOf(undefined)).toBeNull();
  });
});
