import { decidePromotion, type Reason, RefusedError, shardRanges } from '@reindeer/core';
import {
  addVerification,
  advancePhase,
  type ClaimedTask,
  joinFeed,
  noteSettled,
  readCatchUp,
  readEvidence,
  readGeneration,
  recordForcedIntent,
  recordIntent,
} from '@reindeer/ledger';
import type { EngineContext, OpenIndex } from '../context.ts';
import { askCanaries } from '../evidence/askCanaries.ts';
import { digestSlices } from '../plan/digestSlices.ts';
import { owedAfter, promote } from './promote.ts';

export type Finish =
  | { readonly kind: 'promoted' }
  /** It is not caught up yet, say: asked again. */
  | { readonly kind: 'later'; readonly reason: Reason; readonly detail: string }
  | { readonly kind: 'refused'; readonly reason: Reason; readonly detail: string };

/**
 * Finishes a rebuild whose slices are all written: settle, join the feed, caught up, evidence, intent, promote. Every step
 * can be repeated by another worker: what is done is seen in the sink and the ledger, not remembered.
 */
export async function finishRebuild(
  context: EngineContext,
  index: OpenIndex,
  finish: ClaimedTask,
  keepGenerations: number,
  signal: AbortSignal,
): Promise<Finish> {
  if (finish.generation === null) throw new RefusedError('generation-gone', `Run ${finish.run} has no generation.`);
  const { id, name } = finish.generation;
  const { ledger } = context;
  const { definition } = index;
  const follows = definition.incremental !== null;
  const live = await index.sink.live(finish.index, signal);
  // Its swap was made, and only the record of it is missing.
  if (live?.generation.name !== name) {
    const settled = await settle(context, index, finish, signal);
    const gate = { generation: id, after: 'settled', maxLagMs: definition.rebuild.maxLagMs } as const;
    if (follows) {
      if (!(await joinFeed(ledger, finish, id)))
        return {
          kind: 'refused',
          reason: 'changes-pruned',
          detail: `Changes were not followed all the while that it was built, so nobody knows what it lacks. Start a new run: \`reindeer run ${finish.index}\`.`,
        };
      const caughtUp = await readCatchUp(ledger, finish.run, gate);
      if (caughtUp.kind === 'wait') return { ...caughtUp, kind: 'later' };
      if (caughtUp.kind === 'refuse') return { ...caughtUp, kind: 'refused' };
    }
    await advancePhase(ledger, finish, 'caught-up');
    const verified = await verify(context, index, finish);
    if (verified !== null) return verified;
    const decision = decidePromotion({
      slices: await readEvidence(ledger, finish.run),
      budget: definition.errors,
      sinkCount: settled,
      canaries: await askCanaries(index, { index: finish.index, name }, signal),
    });
    if (decision.kind === 'refuse') return { kind: 'refused', reason: decision.reason, detail: decision.detail };
    if (follows) {
      const intent = await recordIntent(ledger, finish, gate);
      if (intent.kind === 'wait') return { ...intent, kind: 'later' };
      if (intent.kind === 'refuse') return { ...intent, kind: 'refused' };
    } else await recordForcedIntent(ledger, finish);
  }
  const caughtUp = follows && definition.source.changes !== 'none';
  const promotion = { id, name, caughtUp, owed: owedAfter(definition) };
  await promote(context, index, finish, promotion, keepGenerations, signal);
  return { kind: 'promoted' };
}

/** @returns how many documents a search could see of it when nobody but its own run had written to it */
async function settle(
  context: EngineContext,
  index: OpenIndex,
  finish: ClaimedTask,
  signal: AbortSignal,
): Promise<number> {
  if (finish.generation === null) throw new RefusedError('generation-gone', `Run ${finish.run} has no generation.`);
  const { id, name } = finish.generation;
  const before = await readGeneration(context.ledger, id);
  if (before?.settledAt != null && before.documents !== null) return before.documents;
  const generation = { index: finish.index, name };
  await index.sink.settle(generation, signal);
  await noteSettled(context.ledger, id, await index.sink.count(generation, signal));
  return (await readGeneration(context.ledger, id))?.documents ?? 0;
}

/**
 * Compares every document with its row, by digests, in slices of their own. Only where every change is followed: elsewhere
 * what changed during the rebuild would be told as a difference. null: it is done.
 */
async function verify(context: EngineContext, index: OpenIndex, finish: ClaimedTask): Promise<Finish | null> {
  if (index.definition.source.changes !== 'log' || finish.generation === null) return null;
  const generation = await readGeneration(context.ledger, finish.generation.id);
  const shards = shardRanges(generation?.shardBounds ?? []);
  const perShard = Math.ceil((generation?.documents ?? 0) / shards.length);
  const verification = await addVerification(context.ledger, finish, (last) => digestSlices(shards, perShard, last));
  if (verification.kind === 'completed') return null;
  if (verification.kind === 'added') await context.deliver(verification.due);
  const [done, all] =
    verification.kind === 'added' ? [0, shards.length] : [verification.completed, verification.slices];
  return {
    kind: 'later',
    reason: 'not-caught-up',
    detail: `It is compared with its source: ${done} of ${all} shards are done.`,
  };
}
