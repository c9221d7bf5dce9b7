import { decidePromotion, followsSource, type Reason, RefusedError } from '@reindeer/core';
import {
  advancePhase,
  type ClaimedTask,
  type GenerationRow,
  readCatchUp,
  readEvidence,
  readGeneration,
  recordForcedIntent,
  recordIntent,
} from '@reindeer/ledger';
import type { EngineContext, OpenIndex } from '../context.ts';
import { askCanaries } from '../evidence/askCanaries.ts';
import { type Finish, notYet } from './finish.ts';
import { isSwapped } from './isSwapped.ts';
import { owedAfter, promote } from './promote.ts';

/**
 * A promotion by hand: of a generation whose promotion was refused, or of the one before (a rollback). The same gate as
 * any other, with a pass begun after it was asked for (rule 10); a person may pass it by force.
 */
export async function finishPromotion(
  context: EngineContext,
  index: OpenIndex,
  finish: ClaimedTask,
  keepGenerations: number,
  signal: AbortSignal,
): Promise<Finish> {
  if (finish.generation === null) throw new RefusedError('generation-gone', `Run ${finish.run} has no generation.`);
  const target = await readGeneration(context.ledger, finish.generation.id);
  if (target === null || ['building', 'dropping', 'dropped'].includes(target.state))
    throw new RefusedError(
      'generation-gone',
      `Generation ${finish.generation.name} is ${target?.state ?? 'gone'}: it cannot be promoted.`,
    );
  if (!(await isSwapped(index, finish, target.name, signal))) {
    if (finish.options.force) await recordForced(context, finish);
    else {
      const refusal = await gates(context, index, finish, target, signal);
      if (refusal !== null) return refusal;
    }
  }
  const promotion = {
    id: target.id,
    name: target.name,
    caughtUp: followsSource(index.definition) && !finish.options.force,
    owed: finish.options.force ? 'promoted-by-force' : owedAfter(index.definition),
  };
  await promote(context, index, finish, promotion, keepGenerations, signal);
  return { kind: 'promoted' };
}

async function recordForced(context: EngineContext, finish: ClaimedTask): Promise<void> {
  await advancePhase(context.ledger, finish, 'caught-up');
  await recordForcedIntent(context.ledger, finish);
}

async function gates(
  context: EngineContext,
  index: OpenIndex,
  finish: ClaimedTask,
  target: GenerationRow,
  signal: AbortSignal,
): Promise<Finish | null> {
  const { ledger } = context;
  const { definition } = index;
  const refused = (reason: Reason, detail: string): Finish => ({ kind: 'refused', reason, detail });
  if (target.state === 'failed') {
    const decision = decidePromotion({
      slices: await readEvidence(ledger, target.run),
      budget: definition.errors,
      sinkCount: target.documents ?? 0,
      canaries: await askCanaries(index, { index: finish.index, name: target.name }, signal),
    });
    if (decision.kind === 'refuse') return refused(decision.reason, decision.detail);
  }
  if (definition.incremental === null) {
    if (target.staleReason !== null)
      return refused('generation-stale', `It is not kept current any more (${target.staleReason}).`);
    await recordForced(context, finish);
    return null;
  }
  const gate = { generation: target.id, after: 'asked', maxLagMs: definition.rebuild.maxLagMs } as const;
  const early = notYet(await readCatchUp(ledger, finish.run, gate));
  if (early !== null) return early;
  await advancePhase(ledger, finish, 'caught-up');
  return notYet(await recordIntent(ledger, finish, gate));
}
