import { InputError, RefusedError, UnavailableError } from '@reindeer/core';
import { expect, test } from 'vitest';
import { explainError } from './explainError.ts';
import { FailedError } from './FailedError.ts';
import { InterruptedError } from './InterruptedError.ts';

test.each([
  [new InputError('config-invalid', 'wrong'), 2, 'config-invalid'],
  [new RefusedError('overlap', 'still open'), 3, 'overlap'],
  [new UnavailableError('queue-unavailable', 'no answer'), 1, 'queue-unavailable'],
  [new FailedError('run failed', 'error-budget'), 1, 'error-budget'],
  [new InterruptedError(), 130, 'interrupted'],
  [new TypeError('a bug'), 1, 'error'],
])('%o ends with its own exit code', (error, exitCode, code) => {
  expect(explainError(error)).toMatchObject({ exitCode, code });
});

test('only what nobody foresaw is unexpected', () => {
  expect(explainError(new TypeError('a bug')).unexpected).toBe(true);
  expect(explainError(new InputError('a', 'b')).unexpected).toBe(false);
});

test('a refused connection says what to look at, from both addresses of localhost', () => {
  const refused = (address: string) =>
    Object.assign(new Error(`connect ECONNREFUSED ${address}:5432`), { code: 'ECONNREFUSED' });
  const ending = explainError(new AggregateError([refused('::1'), refused('127.0.0.1')], ''));
  expect(ending).toMatchObject({ exitCode: 1, code: 'unavailable', unexpected: false });
  expect(ending.message).toBe(
    'connect ECONNREFUSED ::1:5432; connect ECONNREFUSED 127.0.0.1:5432. Is the server running, and is its url right?',
  );
});

test('no password is shown', () => {
  expect(explainError(new Error('cannot parse postgres://me:hunter2@db/x')).message).not.toContain('hunter2');
});
