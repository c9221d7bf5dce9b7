import { RefusedError } from '@reindeer/core';
import { type FeedTarget, giveUpConsumer, type PassStart, renewConsumer } from '@reindeer/ledger';
import type { OwnedFeed } from './ownedFeed.ts';
import { positionsOf } from './passState.ts';
import { readPace } from './readPace.ts';

/** What is live goes on from a position taken now, and owes a refresh: what came before it is not known. */
export async function renewLapsed(
  { context, index, task, signal }: OwnedFeed,
  { generation, name, cause }: PassStart['lapsed'][number],
): Promise<void> {
  const position = await index.source.position(signal);
  await renewConsumer(context.ledger, task, generation, { ...position }, cause);
  context.observer.event('warn', 'the feed goes on from now; a refresh is owed', {
    index: task.index,
    generation: name,
    cause,
  });
}

/** Gives up those that cannot be kept current as they are: what is live is renewed with the next pass, any other is stale, and so is what is gone. */
export async function giveUp(
  { context, task }: OwnedFeed,
  lapsed: readonly { readonly target: FeedTarget; readonly reason: string }[],
): Promise<void> {
  for (const { target, reason } of lapsed) {
    if (!(await giveUpConsumer(context.ledger, target.generation, reason))) continue;
    const { name, state } = target;
    const message =
      state === 'live' && reason !== 'generation-gone'
        ? 'the feed lost its place'
        : 'a generation is not kept current any more';
    context.observer.event('warn', message, { index: task.index, generation: name, state, reason });
  }
}

/**
 * Gives up those whose position the log no longer reaches back to; the others go on without them.
 * @throws `error`, where that is not what it says
 */
export async function giveUpPruned(feed: OwnedFeed, targets: readonly FeedTarget[], error: unknown): Promise<null> {
  const { log } = feed.index.source;
  if (lapseReason(error) === null || log === null) throw error;
  const pace = readPace(feed.settings, () => 1);
  for (const target of targets) {
    const reason = await log.changes(positionsOf([target]), pace, feed.signal).then(() => null, lapseReason);
    if (reason !== null) await giveUp(feed, [{ target, reason }]);
  }
  return null;
}

/** Why a log does not reach back to a position any more; null: the error says something else. */
export function lapseReason(error: unknown): 'changes-pruned' | 'triggers-changed' | null {
  if (!(error instanceof RefusedError) || error.reason !== 'changes-pruned') return null;
  const { cause } = error;
  return cause instanceof RefusedError && cause.reason === 'triggers-changed' ? 'triggers-changed' : 'changes-pruned';
}
