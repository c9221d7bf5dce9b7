import { UnavailableError } from '@reindeer/core';
import { type FeedTarget, noteTrouble } from '@reindeer/ledger';
import { isGone } from './isGone.ts';
import type { OwnedFeed } from './ownedFeed.ts';

/** What the sink failed with at one of the generations that the feed keeps current; the others may go on without it. */
export class TargetFailure extends Error {
  readonly generation: number;
  readonly tookMs: number;

  constructor(generation: number, tookMs: number, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.generation = generation;
    this.tookMs = tookMs;
  }
}

/** How long one target may keep the others waiting; null: there are no others, and the feed's own limit is enough. */
export function patienceMs({ settings }: OwnedFeed, targets: readonly FeedTarget[]): number | null {
  return targets.length > 1 ? settings.batchTimeoutMs / 2 : null;
}

/**
 * Asks something of a target's sink.
 * @param limit.patienceMs after which it counts as failed; null: never
 * @returns null: the sink does not have it any more, which must not keep the others from being current
 * @throws TargetFailure what it failed with; what stops the whole feed, as it is
 */
export async function ofTarget<T>(
  target: FeedTarget,
  limit: { readonly patienceMs: number | null; readonly signal: AbortSignal },
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T | null> {
  const began = performance.now();
  const late = limit.patienceMs === null ? null : AbortSignal.timeout(limit.patienceMs);
  try {
    return await ask(late === null ? limit.signal : AbortSignal.any([limit.signal, late]));
  } catch (error) {
    if (isGone(error)) return null;
    if (limit.signal.aborted) throw error;
    const cause = late?.aborted
      ? new UnavailableError(
          'sink-unavailable',
          `The sink took nothing into ${target.name} for ${Math.round(limit.patienceMs ?? 0)} ms. Is something in its way, a lock on the table or an index without a primary shard?`,
          { cause: error },
        )
      : error;
    throw new TargetFailure(target.generation, performance.now() - began, cause);
  }
}

/**
 * Those that a pass is made for: a generation that its sink failed at a short while ago does not keep the others from being
 * current, whether it soaks or is live; its position stands still.
 */
export function withoutAside(targets: readonly FeedTarget[]): readonly FeedTarget[] {
  const rest = targets.filter(({ aside }) => !aside);
  return rest.length === 0 ? targets : rest;
}

/**
 * Puts the target aside that a pass failed at, so that the next goes on without it.
 * @throws what it failed with, where there is no other
 */
export async function putAside(feed: OwnedFeed, targets: readonly FeedTarget[], error: unknown): Promise<'stopped'> {
  if (!(error instanceof TargetFailure)) throw error;
  const target = targets.find(({ generation }) => generation === error.generation);
  if (target === undefined || targets.length === 1) throw error.cause;
  const { generation, name, state } = target;
  await noteTrouble(feed.context.ledger, feed.task, generation, { text: error.message, tookMs: error.tookMs });
  feed.context.observer.event('warn', 'the feed goes on without a generation that its sink fails at', {
    index: feed.task.index,
    generation: name,
    state,
    error: error.cause,
  });
  return 'stopped';
}
