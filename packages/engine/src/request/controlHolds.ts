import { type HoldScope, recordAudit, releaseHolds, releaseSourceReplaced, setHold } from '@reindeer/ledger';
import type { EngineContext } from '../context.ts';

/** Holds an index, a lane of it, or a run: open runs stop at their next checkpoint. False: that very hold was there. */
export async function pause(
  context: Pick<EngineContext, 'ledger'>,
  scope: HoldScope,
  by: { actor: string; note: string | null },
): Promise<boolean> {
  const set = await setHold(context.ledger, { ...scope, reason: 'paused', ...by });
  if (set)
    await recordAudit(context.ledger, {
      actor: by.actor,
      action: 'pause',
      target: nameOf(scope),
      detail: { note: by.note },
    });
  return set;
}

/**
 * Releases the holds of exactly this scope. A hold that stands for a queue paused in Bull Board is on the whole index:
 * `resumeQueues` resumes its queues first, or the hold would come back with the next sweep. With a whole index go the
 * holds that its lanes have because the source was another database: nobody sets those lane by lane.
 * @returns how many holds were released
 */
export async function resume(
  context: Pick<EngineContext, 'ledger' | 'deliver'> & { resumeQueues(index: string): Promise<void> },
  scope: HoldScope,
  by: { actor: string; note: string | null },
): Promise<number> {
  const whole = scope.lane === null && scope.run === null ? scope.index : null;
  if (whole !== null) await context.resumeQueues(whole);
  const released = await releaseHolds(context.ledger, { ...scope, actor: by.actor });
  const guards = whole === null ? { holds: 0, due: [] } : await releaseSourceReplaced(context.ledger, whole, by.actor);
  await context.deliver([...released.due, ...guards.due]);
  const holds = released.holds + guards.holds;
  if (holds > 0) {
    await recordAudit(context.ledger, {
      actor: by.actor,
      action: 'resume',
      target: nameOf(scope),
      detail: { note: by.note },
    });
  }
  return holds;
}

function nameOf(scope: HoldScope): string {
  if (scope.run !== null) return `run ${scope.run}`;
  return [scope.index ?? 'every index', scope.lane].filter((part) => part !== null).join(' ');
}
