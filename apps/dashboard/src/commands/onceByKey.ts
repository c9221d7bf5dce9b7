import { setTimeout as wait } from 'node:timers/promises';
import {
  answerRequest,
  claimRequest,
  forgetRequest,
  type KeyedRequest,
  type Ledger,
  type RequestClaim,
} from '@reindeer/ledger';

/** Who died over a request is followed after this long. Longer than any command takes. */
const LEASE_MS = 15_000;
const PATIENCE_MS = LEASE_MS + 5_000;
const LOOK_AGAIN_MS = 100;

export type KeyedAnswer<T> =
  /** `again`: it is the answer to the request when it was sent the first time. */
  | { readonly kind: 'answer'; readonly answer: T; readonly again: boolean }
  | { readonly kind: 'other-request' }
  | { readonly kind: 'busy' };

/**
 * Does the work once however often the request comes, at once or later, here or on another dashboard: everybody gets the
 * first answer. Who comes while somebody works on it waits; who comes after that one died does the work, and must find
 * by the claim's id what was begun. `work` gives refusals as answers; when it throws, the request may be sent again.
 */
export async function onceByKey<T>(
  ledger: Ledger,
  request: KeyedRequest,
  work: (claim: RequestClaim) => Promise<T>,
  patienceMs = PATIENCE_MS,
): Promise<KeyedAnswer<T>> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const claimed = await claimRequest(ledger, request, LEASE_MS);
    switch (claimed.kind) {
      case 'claimed':
        return { kind: 'answer', answer: await answerOnce(ledger, request, claimed, work), again: false };
      case 'answered':
        return { kind: 'answer', answer: claimed.answer as T, again: true };
      case 'other-request':
        return claimed;
      case 'busy':
        if (performance.now() > end) return claimed;
        await wait(LOOK_AGAIN_MS);
    }
  }
}

async function answerOnce<T>(
  ledger: Ledger,
  request: KeyedRequest,
  claim: RequestClaim,
  work: (claim: RequestClaim) => Promise<T>,
): Promise<T> {
  let answer: T;
  try {
    answer = await work(claim);
  } catch (error) {
    await forgetRequest(ledger, request, claim).catch(() => {});
    throw error;
  }
  return (await answerRequest(ledger, request, claim, answer)) as T;
}
