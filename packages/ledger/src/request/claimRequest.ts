import { randomUUID } from 'node:crypto';
import { type Ledger, query } from '../ledger.ts';

/** A request that carries a key of its sender's making, so that sending it again does nothing twice. */
export interface KeyedRequest {
  readonly key: string;
  /** Keys of different people never meet. */
  readonly actor: string;
  /** Of what is asked: the same key for something else is a mistake of the sender. */
  readonly fingerprint: string;
}

/** This process does the work, until `leaseMs` have passed; who dies over it is followed by the next that asks. */
export interface RequestClaim {
  readonly kind: 'claimed';
  readonly token: string;
  /** Of this very request, whoever works on it: what it starts is marked by it. */
  readonly id: string;
  readonly firstAskedAt: Date;
}

export type ClaimedRequest =
  | RequestClaim
  | { readonly kind: 'answered'; readonly answer: unknown }
  | { readonly kind: 'other-request' }
  /** Somebody works on it. */
  | { readonly kind: 'busy' };

/** Takes on a request, or says what became of it. */
export async function claimRequest(ledger: Ledger, request: KeyedRequest, leaseMs: number): Promise<ClaimedRequest> {
  const token = randomUUID();
  const { key, actor, fingerprint } = request;
  const [mine] = await query<{ response: { id: string }; created_at: Date }>(
    ledger,
    // Of the first claim the id stays: by it the next finds what was started before the crash.
    `insert into requests as r (idempotency_key, actor, fingerprint, response)
     values ($1, $2, $3, jsonb_build_object('id', $4::text, 'token', $4::text,
             'until', (extract(epoch from clock_timestamp()) * 1000)::bigint + $5::bigint))
     on conflict (idempotency_key, actor) do update
        set response = excluded.response || jsonb_build_object('id', r.response -> 'id')
      where r.fingerprint = excluded.fingerprint
        and (r.response ->> 'until')::bigint < (extract(epoch from clock_timestamp()) * 1000)::bigint
     returning response, created_at`,
    [key, actor, fingerprint, token, leaseMs],
  );
  if (mine !== undefined) return { kind: 'claimed', token, id: mine.response.id, firstAskedAt: mine.created_at };
  const [there] = await query<{ fingerprint: string; response: { answer?: unknown } }>(
    ledger,
    `select fingerprint, response from requests where idempotency_key = $1 and actor = $2`,
    [key, actor],
  );
  // Given up between the two statements: whoever asks again gets it.
  if (there === undefined) return { kind: 'busy' };
  if (there.fingerprint !== fingerprint) return { kind: 'other-request' };
  return 'answer' in there.response ? { kind: 'answered', answer: there.response.answer } : { kind: 'busy' };
}
