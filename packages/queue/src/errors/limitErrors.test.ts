import { inspect } from 'node:util';
import { UnavailableError } from '@reindeer/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { limitErrors } from './limitErrors.ts';

describe('limitErrors', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('passes one of a flood, then the number of the rest', () => {
    const messages: string[] = [];
    const errors = limitErrors((error) => messages.push(error.message));
    for (let job = 0; job < 9_862; job += 1) errors.report(new Error(`Lost the lock while moving job k3f9.s${job}.1`));
    expect(messages).toEqual(['Lost the lock while moving job k3f9.s0.1']);
    vi.advanceTimersByTime(10_000);
    expect(messages).toEqual([
      'Lost the lock while moving job k3f9.s0.1',
      'Lost the lock while moving job k3f9.s0.1 (9861 more like it)',
    ]);
    vi.advanceTimersByTime(60_000);
    expect(messages).toHaveLength(2);
  });

  it('makes one of all the ways to say that the server is away, without a stack, and goes on counting', () => {
    const told: Error[] = [];
    const errors = limitErrors((error) => told.push(error));
    errors.report(Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:6379'), { code: 'ECONNREFUSED' }));
    errors.report(new Error('Connection is closed.'));
    vi.advanceTimersByTime(10_000);
    errors.report(Object.assign(new AggregateError([], ''), { code: 'ECONNREFUSED' }));
    vi.advanceTimersByTime(10_000);
    expect(told.map(({ message }) => message)).toEqual([
      'The queue could not be reached: connect ECONNREFUSED 127.0.0.1:6379.',
      'The queue could not be reached: connect ECONNREFUSED 127.0.0.1:6379. (1 more like it)',
      'The queue could not be reached: connect ECONNREFUSED 127.0.0.1:6379. (1 more like it)',
    ]);
    expect(told.every((error) => error instanceof UnavailableError)).toBe(true);
  });

  it('lets another message pass, and the same one again after the window', () => {
    const messages: string[] = [];
    const errors = limitErrors((error) => messages.push(error.message), 1_000);
    errors.report(new Error('refused'));
    errors.report(new Error('reset'));
    vi.advanceTimersByTime(1_000);
    errors.report(new Error('refused'));
    expect(messages).toEqual(['refused', 'reset', 'refused']);
  });

  it('passes on no arguments of the command that was refused', () => {
    const told: Error[] = [];
    const errors = limitErrors((error) => told.push(error));
    const command = { name: 'hello', args: ['3', 'AUTH', 'reindeer', 'hunter2'] };
    errors.report(Object.assign(new Error('WRONGPASS invalid username-password pair.'), { command }));
    errors.report(Object.assign(new Error('NOPERM'), { command }));
    errors.close();
    expect(told).toHaveLength(2);
    expect(inspect(told, { depth: 10, showHidden: true })).not.toContain('hunter2');
  });

  it('counts an error once that several queues pass on', () => {
    const messages: string[] = [];
    const errors = limitErrors((error) => messages.push(error.message));
    const error = new Error('refused');
    errors.report(error);
    errors.report(error);
    errors.close();
    expect(messages).toEqual(['refused']);
  });

  it('stays bounded when every message is new, and gives the rest at the end', () => {
    const messages: string[] = [];
    const errors = limitErrors((error) => messages.push(error.message));
    const word = (n: number) => [...String(n)].map((digit) => 'ghijklmnop'.charAt(Number(digit))).join('');
    for (let n = 0; n < 1_000; n += 1) errors.report(new Error(word(n)));
    expect(messages).toHaveLength(101);
    errors.close();
    expect(messages.at(-1)).toBe(`${word(100)} (899 more like it)`);
    errors.report(new Error('Connection is closed.'));
    expect(messages).toHaveLength(102);
  });
});
