import type { Reason } from '../reason.ts';

/** Shards on which a refresh is owed, and why. */
export interface OwedRefreshes {
  readonly shards: number;
  readonly causes: readonly string[];
  /** Open refreshes of it, oldest first: the first few. */
  readonly runs: readonly number[];
  /** The last one that failed since, of those that none has followed yet. */
  readonly failed: { readonly run: number; readonly reason: string | null } | null;
}

/** What the ledger knows of a generation that is to be promoted. Times are ms since 1970, by the ledger's clock. */
export interface CatchUp {
  readonly now: number;
  /** It has joined the feed. */
  readonly joined: boolean;
  /** When the snapshot of its last finished pass was taken, or a little before; null: none is finished. */
  readonly passedAt: number | null;
  /** Why it is not kept current any more; null: it is. */
  readonly staleReason: string | null;
  /** What the sink fails with at it, so that the feed goes on without it; null: nothing. */
  readonly trouble: string | null;
  readonly owed: OwedRefreshes;
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
  const kept = whatKeeps(state);
  if (state.passedAt === null || state.passedAt <= gate.after)
    return wait('not-caught-up', `The feed has not finished a pass for it yet that began late enough.${kept}`);
  const lagMs = state.now - state.passedAt;
  if (lagMs > gate.maxLagMs)
    return wait(
      'not-caught-up',
      `The feed’s last finished pass began ${seconds(lagMs)} ago; ${seconds(gate.maxLagMs)} are permitted (rebuild.maxLag).${kept}`,
    );
  if (state.owed.shards > 0) {
    const shards = state.owed.shards === 1 ? '1 shard' : `${state.owed.shards} shards`;
    return wait(
      'refresh-owed',
      `A refresh is owed on ${shards} of it (${state.owed.causes.join(', ')}).${refreshes(state.owed)}${state.refreshHeld ? ` Refreshes are on hold${WHO_HOLDS}` : ''}`,
    );
  }
  return { kind: 'go' };
}

/** What keeps the feed from it, where that is known. */
function whatKeeps({ feedHeld, trouble }: CatchUp): string {
  if (feedHeld) return ` The feed is on hold${WHO_HOLDS}`;
  return trouble === null ? '' : ` The sink takes nothing into it: ${trouble}`;
}

const WHO_HOLDS = ': `reindeer status INDEX` says by whom, `reindeer doctor` what releases it.';

function refreshes({ runs, failed }: OwedRefreshes): string {
  const [first] = runs;
  const open =
    first === undefined
      ? ''
      : runs.length === 1
        ? ` Run ${first} makes it: \`reindeer show ${first}\`.`
        : ` Runs ${runs.join(', ')} make it: \`reindeer show ${first}\`.`;
  if (failed !== null)
    return `${open} Run ${failed.run} failed${failed.reason === null ? '' : ` (${failed.reason})`}: \`reindeer show ${failed.run}\` says why; another follows by itself, later each time.`;
  return first === undefined ? ' A scheduler starts it.' : open;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function wait(reason: Reason, detail: string): CatchUpAnswer {
  return { kind: 'wait', reason, detail };
}
