import { setTimeout as wait } from 'node:timers/promises';
import { lead } from '@reindeer/ledger';
import { runSweeps } from './runSweeps.ts';
import type { SweepContext } from './sweepContext.ts';
import { forgetGauges } from './sweeps/gauges.ts';

/** What the leading scheduler leads. */
export const LEADERSHIP = 'reconciler';

/** How many sweeps a leader may miss before another scheduler leads. */
const LEASE_SWEEPS = 3;
/** A ledger that took longer than this to say who leads has kept everybody waiting, also those who renew leases. */
const SLOW_LEDGER_MS = 2_000;

/** Sweeps while this scheduler leads, until the context's signal ends it. */
export async function sweepWhileLeading(context: SweepContext, holder: string): Promise<void> {
  const { sweepMs } = context.config.scheduler;
  const { leaseMs } = context.config.worker;
  let epoch: number | null = null;
  let trustLeasesAt = 0;
  while (!context.signal.aborted) {
    try {
      const askedAt = performance.now();
      const now = await lead(context.engine.ledger, LEADERSHIP, holder, sweepMs * LEASE_SWEEPS);
      if (performance.now() - askedAt > SLOW_LEDGER_MS) trustLeasesAt = performance.now() + leaseMs;
      if (now !== epoch)
        context.logger.info({ epoch: now }, now === null ? 'another scheduler leads' : 'this scheduler leads');
      if (now === null && epoch !== null) forgetGauges(context.metrics);
      epoch = now;
      context.metrics.leader.set(epoch === null ? 0 : 1);
      if (epoch !== null) await runSweeps(context, performance.now() >= trustLeasesAt);
    } catch (error) {
      if (context.signal.aborted) return;
      // While the ledger was away nobody could renew a lease: give the living time to show themselves.
      trustLeasesAt = performance.now() + leaseMs;
      context.logger.error({ error }, 'the sweep could not be made; tried again');
    }
    await wait(sweepMs, undefined, { signal: context.signal }).catch(() => {});
  }
}
