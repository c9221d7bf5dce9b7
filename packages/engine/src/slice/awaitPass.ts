import { setTimeout as wait } from 'node:timers/promises';
import { type Ledger, readPass } from '@reindeer/ledger';

/** Asked of the ledger this often: a pass takes some hundredths of a second where little changes. */
const ASK_AGAIN_MS = 200;

export type PassAwaited =
  /** `owed`: a refresh is, so that what still differs may be what that repairs. */
  | { readonly kind: 'passed'; readonly owed: boolean; readonly waitedMs: number }
  /** There is no feed that would make one, it is stopped, or it takes too long: the difference counts as it was seen. */
  | { readonly kind: 'unproven'; readonly why: 'not-awaited' | 'too-late'; readonly waitedMs: number };

/**
 * Waits until the feed has finished a pass for this generation whose snapshot is younger than `since`, a time of the
 * ledger: what a look before that saw and the feed was about to write is written then, and only the rest is a
 * difference (rule 18).
 */
export async function awaitPass(
  ledger: Ledger,
  asked: { readonly generation: number; readonly since: string; readonly limitMs: number },
  signal: AbortSignal,
): Promise<PassAwaited> {
  const began = performance.now();
  for (;;) {
    const { passed, awaited, owed } = await readPass(ledger, asked.generation, asked.since);
    const waitedMs = performance.now() - began;
    if (passed) return { kind: 'passed', owed, waitedMs };
    if (!awaited) return { kind: 'unproven', why: 'not-awaited', waitedMs };
    if (waitedMs >= asked.limitMs) return { kind: 'unproven', why: 'too-late', waitedMs };
    await wait(ASK_AGAIN_MS, undefined, { signal });
  }
}
