import { createHash } from 'node:crypto';
import { InputError } from '@reindeer/core';
import type { Ledger, Person, RequestClaim } from '@reindeer/ledger';
import type { Request } from 'express';
import { onceByKey } from '../commands/onceByKey.ts';
import type { CommandAnswer } from './call.ts';
import { problem } from './problem.ts';

/** Does the work once for an `Idempotency-Key`, and every time where the request has none. */
export async function keyed(
  ledger: Ledger,
  request: Request,
  person: Person,
  asked: unknown,
  work: (claim: RequestClaim | null) => Promise<CommandAnswer>,
): Promise<CommandAnswer> {
  const key = keyOf(request);
  if (key === null) return work(null);
  const fingerprint = createHash('sha256')
    .update(`${request.method} ${request.originalUrl} ${JSON.stringify(asked)}`)
    .digest('hex');
  const answered = await onceByKey(ledger, { key, actor: person.name, fingerprint }, async (claim) => {
    const { body, ...rest } = await work(claim);
    // As text: jsonb would put its fields into another order.
    return { ...rest, text: JSON.stringify(body) };
  });
  switch (answered.kind) {
    case 'answer': {
      const { text, ...rest } = answered.answer;
      return { ...rest, body: JSON.parse(text) };
    }
    case 'other-request':
      return refusal(
        422,
        'idempotency-key-reused',
        'This Idempotency-Key came with another request before. Take a new one.',
      );
    case 'busy':
      return refusal(
        409,
        'request-in-progress',
        'The first request with this Idempotency-Key is still being worked on. Send it again.',
      );
  }
}

function keyOf(request: Request): string | null {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key === 'string' && /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/.test(key)) return key;
  throw new InputError('invalid-idempotency-key', 'Idempotency-Key: give 1 to 255 characters of ASCII.');
}

function refusal(status: number, code: string, detail: string): CommandAnswer {
  return { status, body: problem(status, code, detail) };
}
