import { RefusedError, type RunView } from '@reindeer/core';
import { type PromotionAsked, requestPromotion } from '@reindeer/engine';
import type { RequestClaim } from '@reindeer/ledger';
import type { CommandContext } from './commandContext.ts';
import type { By } from './controlRuns.ts';
import { findDefinition } from './findDefinition.ts';
import { findRun } from './findRun.ts';

export interface PromotionWanted {
  readonly index: string;
  /** `back`: a rollback. */
  readonly direction: PromotionAsked['direction'];
  /** null: the one that the direction means. */
  readonly generation: string | null;
  readonly force: boolean;
}

/**
 * Asks for a promotion by hand or a rollback: the run that a worker makes of it.
 * @param claim of a request that must not start anything twice.
 * @throws NotFound; InputError `note-missing`; RefusedError.
 */
export async function promoteIndex(
  context: CommandContext,
  wanted: PromotionWanted,
  by: By,
  claim: RequestClaim | null = null,
): Promise<RunView> {
  const { direction, generation, force } = wanted;
  const index = findDefinition(context.config, wanted.index);
  const { actor, note } = by;
  const answer = await requestPromotion(context, { index, direction, generation, force, note, actor, request: claim });
  if (answer.kind === 'refused') throw new RefusedError(answer.reason, answer.detail);
  const run = await findRun(context.ledger, answer.run);
  const action = direction === 'back' ? 'rollback' : 'promote';
  context.logger.info({ name: actor, action, target: `${index.name} to ${run.generation}`, force, note }, 'acted');
  return run;
}
