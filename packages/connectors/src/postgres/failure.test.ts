import { UnavailableError } from '@reindeer/core';
import { describe, expect, it } from 'vitest';
import { asUnavailable, failureKind, messageOf } from './failure.ts';

const sql = (code: string) => Object.assign(new Error('told'), { code, severity: 'ERROR' });
const system = (code: string) => Object.assign(new Error('told'), { code });

describe('failureKind', () => {
  it.each([
    [sql('08006'), 'unavailable'],
    [sql('53300'), 'unavailable'],
    [sql('57P01'), 'unavailable'],
    [sql('40P01'), 'unavailable'],
    [system('ECONNREFUSED'), 'unavailable'],
    [system('EPIPE'), 'unavailable'],
    [new AggregateError([system('ECONNREFUSED'), system('ECONNREFUSED')]), 'unavailable'],
    [new Error('Connection terminated unexpectedly'), 'unavailable'],
    [new Error('timeout exceeded when trying to connect'), 'unavailable'],
    [sql('57014'), 'cancelled'],
    [sql('42501'), 'permission'],
    [sql('28P01'), 'authentication'],
    [sql('3D000'), 'authentication'],
    [sql('42P01'), 'statement'],
    [sql('42703'), 'statement'],
    [sql('22012'), 'data'],
    [sql('23505'), 'other'],
    [new TypeError('a mistake in the code'), 'other'],
    ['text', 'other'],
  ])('%o is %s', (error, kind) => {
    expect(failureKind(error)).toBe(kind);
  });
});

describe('asUnavailable', () => {
  it('keeps the cause and the reason', () => {
    const cause = system('ECONNREFUSED');
    const error = asUnavailable(cause, 'sink-unavailable', 'Connection "search"');
    expect(error).toBeInstanceOf(UnavailableError);
    expect(error).toMatchObject({ reason: 'sink-unavailable', cause });
  });

  it('gives back what is no outage', () => {
    const error = sql('23505');
    expect(asUnavailable(error, 'sink-unavailable', 'x')).toBe(error);
  });
});

it('reads the messages of an error that has only several causes', () => {
  expect(messageOf(new AggregateError([new Error('a'), new Error('b')], ''))).toBe('a; b');
});
