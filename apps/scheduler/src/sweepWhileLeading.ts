import { setTimeout as wait } from 'node:timers/promises';
import { lead } from '@reindeer/ledger';
import { forgetGauges } from '@reindeer/runtime';
import { keepLeading } from './keepLeading.ts';
import { runSweeps } from './runSweeps.ts';
import type { SweepContext } from './sweepContext.ts';

/** What the leading scheduler leads. */
export const LEADERSHIP = 'reconciler';

/** How many sweeps a leader may miss before another scheduler leads. */
const LEASE_SWEEPS = 3;
/** A ledger that took longer than this to say who leads has kept everybody waiting, also those who renew leases. */
const SLOW_LEDGER_MS = 2_000;

/**
 * Sweeps while this scheduler leads, until the context's signal ends it. `onRound` hears of the end of each round, led,
 * failed or not: a loop that hangs is known by its silence, and after `hangMs` another scheduler may lead.
 */
export async function sweepWhileLeading(
  context: SweepContext,
  holder: string,
  { hangMs, onRound }: { readonly hangMs: number; readonly onRound: () => void },
): Promise<void> {
  const { sweepMs } = context.config.scheduler;
  const { leaseMs } = context.config.worker;
  const takeLead = () => lead(context.engine.ledger, LEADERSHIP, holder, sweepMs * LEASE_SWEEPS);
  let epoch: number | null = null;
  let trustLeasesAt = 0;
  while (!context.signal.aborted) {
    try {
      const askedAt = performance.now();
      const now = await takeLead();
      if (performance.now() - askedAt > SLOW_LEDGER_MS) trustLeasesAt = performance.now() + leaseMs;
      if (now !== epoch)
        context.logger.info({ epoch: now }, now === null ? 'another scheduler leads' : 'this scheduler leads');
      epoch = now;
      context.metrics.leader.set(epoch === null ? 0 : 1);
      if (epoch !== null)
        await keepLeading(() => runSweeps(context, performance.now() >= trustLeasesAt), {
          renew: async () => (await takeLead()) === epoch,
          everyMs: sweepMs,
          atMostMs: hangMs,
        });
      // Whoever leads now tells how things are; what this process knew is growing old.
      else forgetGauges(context.metrics);
      onRound();
    } catch (error) {
      if (context.signal.aborted) return;
      // While the ledger was away nobody could renew a lease: give the living time to show themselves.
      trustLeasesAt = performance.now() + leaseMs;
      context.metrics.sweepErrors.inc({ sweep: 'leadership' });
      context.logger.error({ error }, 'the ledger did not say who leads; asked again');
      // Nobody leads while the ledger is away; the one that led must not say that it does.
      epoch = null;
      context.metrics.leader.set(0);
      forgetGauges(context.metrics);
      onRound();
    }
    await wait(sweepMs, undefined, { signal: context.signal }).catch(() => {});
  }
}
