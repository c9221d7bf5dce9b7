import { readEndedRuns, readGauges } from '@reindeer/ledger';
import { setGauges } from '@reindeer/runtime';
import type { SweepContext } from '../sweepContext.ts';

/** What only the ledger and the queue know, as gauges. */
export async function sweepGauges(context: SweepContext): Promise<void> {
  const { metrics, queue, engine, config } = context;
  const [ledger, jobs] = await Promise.allSettled([
    readGauges(engine.ledger),
    queue.counts(Object.keys(config.indexes)),
  ]);
  setGauges(
    metrics,
    config.indexes,
    ledger.status === 'fulfilled' ? ledger.value : null,
    jobs.status === 'fulfilled' ? jobs.value : null,
  );
  for (const answer of [ledger, jobs]) if (answer.status === 'rejected') throw answer.reason;
}

/** Counts the runs that ended since the last sweep, while this process leads. */
export function endedRunCounter(): (context: SweepContext) => Promise<void> {
  let since: string | null = null;
  return async ({ engine, metrics }) => {
    const ended = await readEndedRuns(engine.ledger, since);
    since = ended.upTo;
    for (const { status, reason, seconds } of ended.runs) {
      metrics.runs.inc({ state: status, reason: reason ?? '' });
      metrics.runSeconds.observe(seconds);
    }
  };
}
