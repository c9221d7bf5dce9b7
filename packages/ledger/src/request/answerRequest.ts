import { type Ledger, query } from '../ledger.ts';
import type { KeyedRequest, RequestClaim } from './claimRequest.ts';

/** Keeps the answer for whoever sends the request again. Once there is one it stays: all get the same. */
export async function answerRequest(
  ledger: Ledger,
  request: KeyedRequest,
  claim: RequestClaim,
  answer: unknown,
): Promise<unknown> {
  await query(
    ledger,
    `update requests set response = jsonb_build_object('answer', $4::jsonb)
      where idempotency_key = $1 and actor = $2 and response ->> 'id' = $3 and not response ? 'answer'`,
    [request.key, request.actor, claim.id, JSON.stringify(answer)],
  );
  const [kept] = await query<{ answer: unknown }>(
    ledger,
    `select response -> 'answer' as answer from requests where idempotency_key = $1 and actor = $2`,
    [request.key, request.actor],
  );
  return kept?.answer ?? answer;
}

/** Nothing came of it: sending it again tries again. */
export async function forgetRequest(ledger: Ledger, request: KeyedRequest, claim: RequestClaim): Promise<void> {
  await query(ledger, `delete from requests where idempotency_key = $1 and actor = $2 and response ->> 'token' = $3`, [
    request.key,
    request.actor,
    claim.token,
  ]);
}
