import { UnavailableError } from '@reindeer/core';
import { describe, expect, it } from 'vitest';
import { answered } from './answered.ts';

const failing = (message: string, code?: string) => Promise.reject(Object.assign(new Error(message), { code }));

describe('answered', () => {
  it.each([
    ["OOM command not allowed when used memory > 'maxmemory'.", undefined],
    ['WRONGPASS invalid username-password pair or user is disabled.', undefined],
    ['Reached the max retries per request limit (which is 10).', undefined],
    ['connect ECONNREFUSED 127.0.0.1:1', 'ECONNREFUSED'],
    ['terminating connection due to administrator command', '57P01'],
    ['relation "job" does not exist', '42P01'],
  ])('calls %s unavailable', async (message, code) => {
    const error = await answered('deliver', failing(message, code)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnavailableError);
    const told = `The queue could not deliver: ${message.replace(/\.$/, '')}.`;
    expect(error).toMatchObject({ reason: 'queue-unavailable', message: told });
  });

  it('passes other errors and values as they are', async () => {
    await expect(answered('deliver', failing('syntax error', '42601'))).rejects.not.toBeInstanceOf(UnavailableError);
    expect(await answered('deliver', Promise.resolve(7))).toBe(7);
  });

  it('does not wait for ever', async () => {
    await expect(answered('answer a ping', new Promise(() => undefined), 5)).rejects.toThrow(
      'The queue could not answer a ping: no answer within 5 ms.',
    );
  });
});
