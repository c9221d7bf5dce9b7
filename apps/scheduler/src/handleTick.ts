import type { ResolvedConfig } from '@reindeer/config';
import { classify, NO_OPTIONS } from '@reindeer/core';
import { type EngineContext, type RunAnswer, requestRun, untilRecorded } from '@reindeer/engine';
import type { TickRef } from '@reindeer/queue';
import type { Logger, Metrics } from '@reindeer/runtime';

/**
 * What a tick does: no work, only a plan (or a recorded reason why not). A tick that fires twice, late, or on another
 * replica is harmless. One that a person fires in Bull Board has no slot, and is decided like any other.
 */
export async function handleTick(
  context: {
    config: Pick<ResolvedConfig, 'indexes'>;
    engine: EngineContext;
    logger: Pick<Logger, 'info' | 'warn'>;
    metrics: Pick<Metrics, 'ticks'>;
    signal: AbortSignal;
  },
  tick: TickRef,
  slot: number | null,
): Promise<RunAnswer | { readonly kind: 'ignored'; readonly reason: 'not-in-configuration' }> {
  const { config, logger, metrics } = context;
  const index = config.indexes[tick.index];
  if (index === undefined) {
    // Of a configuration before or after this one; the sweep removes or adds its schedule.
    metrics.ticks.inc({ outcome: 'skipped', reason: 'not-in-configuration' });
    return { kind: 'ignored', reason: 'not-in-configuration' };
  }
  // A tick fires once: one that fires while the ledger is away waits for it. One that is too late then is stale.
  const answer = await untilRecorded(
    () =>
      requestRun(context.engine, {
        index,
        lane: tick.lane,
        shard: tick.shard,
        trigger: 'schedule',
        actor: 'schedule',
        slot,
        options: NO_OPTIONS,
      }),
    {
      signal: context.signal,
      passes: (error) => {
        logger.warn({ ...tick, slot, error }, 'tick: not decided yet; tried again');
        return classify(error) === 'unavailable';
      },
    },
  );
  const reason = answer.kind === 'refused' ? answer.reason : '';
  metrics.ticks.inc({ outcome: answer.kind === 'started' ? 'started' : 'skipped', reason });
  logger.info({ ...tick, slot, ...answer }, answer.kind === 'started' ? 'tick: started' : 'tick: skipped');
  return answer;
}
