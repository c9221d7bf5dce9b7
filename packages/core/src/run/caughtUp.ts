import type { Reason } from '../reason.ts';

/** What the ledger knows of a generation that is to be promoted. Times are ms since 1970, by the ledger's clock. */
export interface CatchUp {
  /** Its index, for the command that goes on. */
  readonly index: string;
  readonly now: number;
  /** It has joined the feed. */
  readonly joined: boolean;
  /** When the snapshot of its last finished pass was taken, or a little before; null: none is finished. */
  readonly passedAt: number | null;
  /** Why it is not kept current any more; null: it is. */
  readonly staleReason: string | null;
  /** Shards on which a refresh is owed, and why. */
  readonly owed: { readonly shards: number; readonly causes: readonly string[] };
  /** A hold keeps the feed from running. */
  readonly feedHeld: boolean;
  /** A hold keeps refreshes from running. */
  readonly refreshHeld: boolean;
}

export type CatchUpAnswer =
  | { readonly kind: 'go' }
  /** Not yet: asked again. */
  | { readonly kind: 'wait'; readonly reason: Reason; readonly detail: string }
  | { readonly kind: 'refuse'; readonly reason: Reason; readonly detail: string };

/**
 * Whether a generation has caught up (rule 10): the feed has finished a pass for it whose snapshot was taken after `after`
 * and not longer ago than `maxLagMs`, and no refresh is owed. No comparison with what is live, and no count of keys, could
 * say so.
 */
export function decideCaughtUp(
  state: CatchUp,
  gate: {
    readonly after: number;
    readonly maxLagMs: number;
    /** It joins the feed by itself, if it has not yet. */
    readonly joins: boolean;
  },
): CatchUpAnswer {
  if (state.staleReason !== null) {
    return {
      kind: 'refuse',
      reason: state.staleReason === 'changes-pruned' ? 'changes-pruned' : 'generation-stale',
      detail: `It is not kept current any more (${state.staleReason}): what changed since is not in it. Run a rebuild.`,
    };
  }
  if (!state.joined) {
    if (!gate.joins)
      return {
        kind: 'refuse',
        reason: 'generation-stale',
        detail: 'The feed does not keep it current. Run a rebuild.',
      };
    return wait('not-caught-up', 'It has not joined the feed yet.');
  }
  const held = state.feedHeld ? ` The feed is on hold: \`reindeer status ${state.index}\` says how to go on.` : '';
  if (state.passedAt === null || state.passedAt <= gate.after)
    return wait('not-caught-up', `The feed has not finished a pass for it yet that began late enough.${held}`);
  const lagMs = state.now - state.passedAt;
  if (lagMs > gate.maxLagMs)
    return wait(
      'not-caught-up',
      `The feed’s last finished pass began ${seconds(lagMs)} ago; ${seconds(gate.maxLagMs)} are permitted (rebuild.maxLag).${held}`,
    );
  if (state.owed.shards > 0) {
    const shards = state.owed.shards === 1 ? '1 shard' : `${state.owed.shards} shards`;
    return wait(
      'refresh-owed',
      `A refresh is owed on ${shards} of it (${state.owed.causes.join(', ')}).${state.refreshHeld ? ` Refreshes are on hold: \`reindeer status ${state.index}\` says how to go on.` : ''}`,
    );
  }
  return { kind: 'go' };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function wait(reason: Reason, detail: string): CatchUpAnswer {
  return { kind: 'wait', reason, detail };
}
