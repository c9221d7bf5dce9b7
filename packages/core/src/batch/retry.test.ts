import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError, RefusedError, UnavailableError } from '../error.ts';
import { classify, decideRetry, type FailureClass } from './retry.ts';

const coded = (code: string) => Object.assign(new Error('x'), { code });

describe('classify', () => {
  it.each<[unknown, FailureClass]>([
    [new InputError('x', 'y'), 'input'],
    [new RefusedError('lost-claim', 'y'), 'lost-claim'],
    [new RefusedError('sink-moved', 'y'), 'refused'],
    [new UnavailableError('sink-unavailable', 'y'), 'unavailable'],
    [coded('ECONNREFUSED'), 'unavailable'],
    [coded('57P01'), 'unavailable'],
    [coded('08006'), 'unavailable'],
    [coded('40001'), 'unavailable'],
    [coded('42P01'), 'unknown'],
    [new Error('Connection terminated unexpectedly'), 'unavailable'],
    [new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')]), 'unavailable'],
    [new DOMException('stop', 'AbortError'), 'interrupted'],
    [new DOMException('late', 'TimeoutError'), 'unavailable'],
    [new TypeError('fetch failed', { cause: coded('ECONNREFUSED') }), 'unavailable'],
    [new TypeError('fetch failed', { cause: coded('UND_ERR_HEADERS_TIMEOUT') }), 'unavailable'],
    [new InputError('x', 'y', { cause: coded('ECONNREFUSED') }), 'input'],
    [new RefusedError('sink-moved', 'y', { cause: coded('ECONNREFUSED') }), 'refused'],
    [new Error('x', { cause: new InputError('x', 'y') }), 'unknown'],
    [coded('53100'), 'unavailable'],
    [coded('25006'), 'unavailable'],
    [coded('ENETUNREACH'), 'unavailable'],
    [Object.assign(coded('ENOENT'), { syscall: 'connect' }), 'unavailable'],
    [Object.assign(coded('ENOENT'), { syscall: 'open' }), 'unknown'],
    [coded('22P02'), 'unknown'],
    [coded('400011'), 'unknown'],
    ['a text', 'unknown'],
    [undefined, 'unknown'],
  ])('%# is told apart', (error, expected) => {
    expect(classify(error)).toBe(expected);
  });
});

describe('decideRetry', () => {
  const ask = (failure: FailureClass, attempts: number, retryAfterMs: number | null = null) =>
    decideRetry({ failure, attempts, maxAttempts: 5, retryAfterMs, random: 0.5 });

  it('fails at once what is wrong in itself, and never what was only interrupted', () => {
    expect(ask('input', 1)).toEqual({ kind: 'fail' });
    expect(ask('refused', 1)).toEqual({ kind: 'fail' });
    expect(ask('lost-claim', 99)).toEqual({ kind: 'stop' });
    expect(ask('interrupted', 99)).toEqual({ kind: 'stop' });
  });

  it('tries again what may pass, later each time, until the attempts are used up', () => {
    const delays = [1, 2, 3, 4].map((attempts) => {
      const decision = ask('unavailable', attempts);
      return decision.kind === 'retry' ? decision.delayMs : -1;
    });
    expect(delays).toEqual([750, 1500, 3000, 6000]);
    expect(ask('unavailable', 5)).toEqual({ kind: 'fail' });
  });

  it('does not come back before the server said', () => {
    expect(ask('unavailable', 1, 60_000)).toEqual({ kind: 'retry', delayMs: 60_000 });
  });

  it('waits between half a second and five minutes, whatever chance says', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.double({ min: 0, max: 0.999999, noNaN: true }),
        (attempts, random) => {
          const decision = decideRetry({
            failure: 'unknown',
            attempts,
            maxAttempts: 10_000,
            retryAfterMs: null,
            random,
          });
          if (decision.kind !== 'retry') throw new Error(decision.kind);
          expect(decision.delayMs).toBeGreaterThanOrEqual(500);
          expect(decision.delayMs).toBeLessThanOrEqual(300_000);
        },
      ),
    );
  });
});
