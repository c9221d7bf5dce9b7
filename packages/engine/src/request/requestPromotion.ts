import { type IndexDefinition, InputError, NO_OPTIONS, WHOLE_INDEX } from '@reindeer/core';
import { type GenerationRow, type RequestClaim, readGenerations, runsOfRequest } from '@reindeer/ledger';
import type { EngineContext } from '../context.ts';
import { type RunAnswer, requestRun } from './requestRun.ts';

export interface PromotionAsked {
  readonly index: IndexDefinition;
  /** `back`: the generation that was live before. `on`: the newest whose promotion was refused. */
  readonly direction: 'back' | 'on';
  /** The name or number of a generation; null: the one that the direction means. */
  readonly generation: string | null;
  /** Passes the gates; `note` says why, and is recorded. */
  readonly force: boolean;
  readonly note: string | null;
  readonly actor: string;
  /** What this request has started before is not started again. */
  readonly request?: RequestClaim | null;
}

/**
 * Asks for a promotion by hand, or a rollback: a run of the lane `promote`, which a worker makes at once.
 * @throws InputError `note-missing`: whoever passes the gates by force says why.
 */
export async function requestPromotion(
  context: Omit<EngineContext, 'observer'>,
  asked: PromotionAsked,
): Promise<RunAnswer> {
  const { index, force, note, actor, request = null } = asked;
  if (force && note === null)
    throw new InputError('note-missing', 'force passes what protects searches: say why, with a note, for the audit.');
  const [before] = request === null ? [] : await runsOfRequest(context.ledger, index.name, request);
  if (before !== undefined) return { kind: 'started', run: before.run };
  const all = await readGenerations(context.ledger, index.name, ['failed', 'live', 'retained', 'dropping']);
  const target = targetOf(all, asked);
  if (typeof target === 'string') return { kind: 'refused', reason: 'generation-gone', detail: target, run: null };
  if (target.state === 'live')
    return { kind: 'refused', reason: 'no-changes', detail: `${target.name} is live already.`, run: null };
  if (!force && target.staleReason !== null) {
    return {
      kind: 'refused',
      reason: target.staleReason === 'changes-pruned' ? 'changes-pruned' : 'generation-stale',
      detail: `${target.name} is not kept current any more (${target.staleReason}): what changed since is not in it. Run a rebuild; or take it as it is with --force and a note, and a refresh follows.`,
      run: null,
    };
  }
  return requestRun(context, {
    index,
    lane: 'promote',
    shard: WHOLE_INDEX,
    trigger: 'manual',
    actor,
    slot: null,
    options: { ...NO_OPTIONS, generation: target.id, force, note },
    audit: {
      action: asked.direction === 'back' ? 'rollback' : 'promote',
      target: `${index.name} to ${target.name}`,
    },
    ...(request === null ? {} : { request: request.id }),
  });
}

/** The generation, or why there is none. */
function targetOf(
  all: readonly GenerationRow[],
  { index, direction, generation }: PromotionAsked,
): GenerationRow | string {
  if (generation !== null) {
    const named = all.find(({ name, number }) => name === generation || String(number) === generation);
    if (named === undefined)
      return `${index.name} has no generation ${generation}; there ${all.length === 1 ? 'is' : 'are'} ${all.map(({ name }) => name).join(', ') || 'none'}.`;
    if (named.state === 'dropping') return `${named.name} is being dropped, which is one-way.`;
    return named;
  }
  const newestFirst = all.toSorted((a, b) => (b.epoch ?? 0) - (a.epoch ?? 0) || b.number - a.number);
  const found =
    direction === 'back'
      ? newestFirst.find(({ state }) => state === 'retained')
      : all.toReversed().find(({ state, settledAt }) => state === 'failed' && settledAt !== null);
  if (found !== undefined) return found;
  return direction === 'back'
    ? `No generation of ${index.name} from before is kept: there is nothing to go back to. Run a rebuild.`
    : `No generation of ${index.name} waits for a promotion: none was built to its end and then refused. Run a rebuild.`;
}
