import { setTimeout as wait } from 'node:timers/promises';

/**
 * Keeps the leadership while a round of sweeps is under way: where the queue or a sink is away, one lasts longer than the
 * lease, and nobody would be said to lead though this process is well. A round that hangs is not covered for: after
 * `atMostMs` another may lead.
 * @param renew takes the leadership again; false: it is another's
 */
export async function keepLeading(
  round: () => Promise<void>,
  { renew, everyMs, atMostMs }: { renew: () => Promise<boolean>; everyMs: number; atMostMs: number },
): Promise<void> {
  const ended = new AbortController();
  const endAt = performance.now() + atMostMs;
  const renewing = (async () => {
    while (performance.now() < endAt) {
      await wait(everyMs, undefined, { signal: ended.signal });
      if (!(await renew())) return;
    }
  })().catch(() => {}); // The round has ended; or the ledger is away, which the next round tells.
  try {
    await round();
  } finally {
    ended.abort();
    await renewing;
  }
}
