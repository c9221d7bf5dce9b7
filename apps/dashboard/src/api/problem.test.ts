import { InputError, RefusedError, UnavailableError } from '@reindeer/core';
import { expect, it } from 'vitest';
import { NotFound } from './NotFound.ts';
import { problemOf } from './problem.ts';

it.each([
  [new InputError('limit', 'limit: "x" is no number. Give 1 to 500.'), 400, 'limit'],
  [new NotFound('no-such-run', 'There is no run 7.'), 404, 'no-such-run'],
  [new RefusedError('overlap', 'cities: run 3 is still open.'), 409, 'overlap'],
  [new UnavailableError('sink-unavailable', 'search: no answer.'), 503, 'sink-unavailable'],
  [
    Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' }),
    503,
    'ledger-unavailable',
  ],
  [Object.assign(new Error('the database system is shutting down'), { code: '57P01' }), 503, 'ledger-unavailable'],
  [new Error('Connection terminated unexpectedly'), 503, 'ledger-unavailable'],
  [Object.assign(new Error('request entity too large'), { status: 413 }), 413, 'bad-request'],
  [new TypeError('x is not a function'), 500, 'internal'],
  ['text', 500, 'internal'],
])('%s', (error, status, code) => {
  const body = problemOf(error);
  expect(body).toMatchObject({ status, code, type: `urn:reindeer:problem:${code}` });
  expect(body.title).not.toBe('');
});

it('gives the reason of a refusal', () => {
  expect(problemOf(new RefusedError('fresh', 'x')).reason).toBe('fresh');
});

it('tells nothing of what is inside, and no secret', () => {
  expect(JSON.stringify(problemOf(new Error('select * from sessions')))).not.toContain('sessions');
  expect(JSON.stringify(problemOf(new InputError('url', 'postgres://a:hunter2@b is wrong')))).not.toContain('hunter2');
});

it('says what a body parser refuses, with the limit', () => {
  const large = { status: 413, type: 'entity.too.large', limit: 100, length: 300 };
  expect(problemOf(Object.assign(new Error('request entity too large'), large)).detail).toBe(
    'The body is larger than the 100 bytes that this call takes. Send less at once.',
  );
  const wrong = { status: 400, type: 'entity.parse.failed' };
  expect(problemOf(Object.assign(new SyntaxError('Unexpected end of JSON input'), wrong)).detail).toBe(
    'The body is no JSON: Unexpected end of JSON input.',
  );
});
