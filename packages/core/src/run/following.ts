import { formatDuration } from '../duration.ts';
import type { Reason } from '../reason.ts';
import { holdReason } from '../throttle/holdReason.ts';

/** What the ledger knows of an index's feed. */
export interface FollowingState {
  /** The pause between two passes. */
  readonly everyMs: number;
  /** Something is live. */
  readonly live: boolean;
  /** Since the snapshot of the last pass that was finished for what is live; null: none was. */
  readonly lagMs: number | null;
  /** What is live lost its place in the log, or never had one. */
  readonly lapsed: boolean;
  /** Why what is live is not kept current any more; null: it is. */
  readonly staleReason: string | null;
  /** The source was found to be another database: what was built from the other is left out. */
  readonly sourceReplaced: boolean;
  /** Its open run; null: there is none. */
  readonly run: number | null;
  /** No worker has ever taken that run up. */
  readonly untaken: boolean;
  /** The last one, where none is open; null: there was none. */
  readonly ended: {
    readonly run: number;
    readonly status: string;
    readonly reason: string | null;
    readonly error: string | null;
  } | null;
  /** Why it is kept from running. */
  readonly holds: readonly { readonly reason: string; readonly note: string | null }[];
  /** What its last attempt failed with, without progress since, or what the sink fails with at what is live. */
  readonly error: string | null;
}

export type Following =
  | { readonly kind: 'follows' }
  /** It has not finished a first pass for what is live; nobody need do anything. */
  | { readonly kind: 'begins'; readonly reason: Reason; readonly detail: string }
  | { readonly kind: 'stands'; readonly reason: Reason; readonly detail: string };

/** A pass over very many changes takes its time; one that takes longer than this is worth saying, beside the pause between passes. */
const LONG_PASS_MS = 60_000;

/** Workers claim nothing of a definition that is not theirs, and say nothing of it: they cannot know which is newer. */
const UNTAKEN =
  ': no worker has taken up its run. None is alive or free, or those that are have another configuration than the scheduler: deploy it to them';

/** Whether a feed keeps what is live current, and the first thing that is wrong where it does not. */
export function decideFollowing(state: FollowingState): Following {
  const [hold] = state.holds;
  if (hold !== undefined) {
    const note = hold.note === null ? '' : `, “${hold.note}”`;
    return stands(holdReason(hold), `It is on hold (${hold.reason}${note})${since(state)}.`);
  }
  if (!state.live) return begins('no-generation', 'Nothing is live yet.');
  if (state.staleReason !== null)
    return stands(
      'generation-stale',
      `What is live is not kept current any more (${state.staleReason})${since(state)}. Run a rebuild.`,
    );
  if (state.run === null)
    return stands('not-caught-up', `No feed runs; a scheduler starts it${since(state)}.${ended(state)}`);
  const late = state.lagMs === null || state.lagMs > state.everyMs + LONG_PASS_MS;
  if (state.sourceReplaced && late)
    return stands(
      'source-replaced',
      `The source is another database than what is live was built from${since(state)}. Rebuild by hand if this is meant; otherwise correct the url.`,
    );
  if (state.error !== null && late) return stands('not-caught-up', `${unfinished(state)}: ${state.error}`);
  if (state.lapsed) return begins('changes-pruned', 'It goes on from now, and a refresh is owed for what was before.');
  if (state.lagMs === null) return begins('not-caught-up', 'The first pass for what is live is not finished yet.');
  if (!late) return { kind: 'follows' };
  return stands('not-caught-up', `${unfinished(state)}${state.untaken ? UNTAKEN : ''}.`);
}

function unfinished({ lagMs }: FollowingState): string {
  return lagMs === null
    ? 'It has not finished a pass yet'
    : `It has not finished a pass for ${formatDuration(wholeSeconds(lagMs))}`;
}

function ended({ ended: last }: FollowingState): string {
  if (last === null) return '';
  const why = [last.reason === null ? '' : ` (${last.reason})`, last.error === null ? '.' : `: ${last.error}`].join('');
  return ` The last one, run ${last.run}, is ${last.status}${why}`;
}

function since({ lagMs }: FollowingState): string {
  return lagMs === null ? '' : `; the last pass that was finished began ${formatDuration(wholeSeconds(lagMs))} ago`;
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1_000) * 1_000;
}

function begins(reason: Reason, detail: string): Following {
  return { kind: 'begins', reason, detail };
}

function stands(reason: Reason, detail: string): Following {
  return { kind: 'stands', reason, detail };
}
