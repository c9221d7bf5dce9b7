import { describe, expect, it } from 'vitest';
import { readTask, readTick } from './payload.ts';

const task = { index: 'cities', run: 12, kind: 'slice', number: 3, delivery: 1 };

describe('payload', () => {
  it('passes what we wrote', () => {
    expect(readTask({ ...task, extra: 1 }, 'cities')).toEqual(task);
    expect(readTick({ index: 'cities', lane: 'refresh', shard: 3 })).toEqual({
      index: 'cities',
      lane: 'refresh',
      shard: 3,
    });
    expect(readTick({ index: 'cities', lane: 'rebuild', shard: -1 }).shard).toBe(-1);
  });

  it.each([
    [{ ...task, index: 'towns' }, /index is "towns"/],
    [{ ...task, run: '12' }, /run is "12"/],
    [{ ...task, kind: 'drop' }, /kind is "drop"/],
    [{ ...task, number: -1 }, /number is -1/],
    [{ ...task, delivery: 1.5 }, /delivery is 1.5/],
    [null, /index is missing/],
  ])('refuses a task that was made by hand: %j', (data, message) => {
    expect(() => readTask(data, 'cities')).toThrow(message);
  });

  it.each([
    [{ lane: 'rebuild', shard: -1 }, /index is missing/],
    [{ index: 'cities', lane: 'sweep', shard: -1 }, /lane is "sweep"/],
    [{ index: 'cities', lane: 'rebuild', shard: -2 }, /shard is -2/],
  ])('refuses a tick that was made by hand: %j', (data, message) => {
    expect(() => readTick(data)).toThrow(message);
  });
});
