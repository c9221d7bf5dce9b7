import type { ResolvedConfig } from '@reindeer/config';
import { type EngineContext, type RunAnswer, requestRun } from '@reindeer/engine';
import type { TickRef } from '@reindeer/queue';
import type { Logger, Metrics } from '@reindeer/runtime';

/**
 * What a tick does: no work, only a plan (or a recorded reason why not). A tick that fires twice, late, or on another
 * replica is harmless. One that a person fires in Bull Board has no slot, and is decided like any other.
 */
export async function handleTick(
  context: { config: ResolvedConfig; engine: EngineContext; logger: Logger; metrics: Metrics },
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
  const answer = await requestRun(context.engine, {
    index,
    lane: tick.lane,
    trigger: 'schedule',
    actor: 'schedule',
    slot,
  });
  const reason = answer.kind === 'refused' ? answer.reason : '';
  metrics.ticks.inc({ outcome: answer.kind === 'started' ? 'started' : 'skipped', reason });
  logger.info(
    { index: tick.index, lane: tick.lane, slot, ...answer },
    answer.kind === 'started' ? 'tick: started' : 'tick: skipped',
  );
  return answer;
}
