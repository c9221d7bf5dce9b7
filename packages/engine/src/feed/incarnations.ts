import { type FeedTarget, rewindConsumer } from '@reindeer/ledger';
import { isGone } from './isGone.ts';
import { giveUp } from './lapsed.ts';
import type { OwnedFeed } from './ownedFeed.ts';
import { ofTarget, patienceMs } from './targetFailure.ts';

/**
 * What each target's sink must still be when a pass has ended (rule 15): what it was when the last one had, which need not
 * be asked now. null: one of them is gone, and was given up.
 */
export async function knownIncarnations(
  feed: OwnedFeed,
  targets: readonly FeedTarget[],
): Promise<readonly string[] | null> {
  const known = targets.flatMap(({ incarnation }) => incarnation ?? []);
  if (known.length === targets.length) return known;
  const asked = await askIncarnations(feed, targets);
  return asked && targets.map(({ incarnation }, place) => incarnation ?? asked[place] ?? '');
}

/** What each target's sink is now. null: one of them is gone, and was given up. */
export async function askIncarnations(
  feed: OwnedFeed,
  targets: readonly FeedTarget[],
): Promise<readonly string[] | null> {
  const { index } = feed.task;
  const texts = await Promise.all(
    targets.map((target) =>
      ofTarget(target, { patienceMs: patienceMs(feed, targets), signal: feed.signal }, (signal) =>
        feed.index.sink.incarnation({ index, name: target.name }, signal),
      ),
    ),
  );
  const gone = targets.filter((_, place) => texts[place] === null);
  await giveUp(
    feed,
    gone.map((target) => ({ target, reason: 'generation-gone' })),
  );
  return gone.length > 0 ? null : texts.map((text) => text ?? '');
}

/**
 * Gives up those that somebody dropped by hand, what is live among them: the others go on without them, or the rebuild that
 * takes its place would wait for a pass for ever.
 * @throws `error`, where none of them is gone
 */
export async function giveUpGone(feed: OwnedFeed, targets: readonly FeedTarget[], error: unknown): Promise<'stopped'> {
  if (!isGone(error) || (await askIncarnations(feed, targets)) !== null) throw error;
  return 'stopped';
}

/** A target whose sink is another than it was goes back to what all is done with for good. @returns whether one did */
export async function rewindChanged(
  { context, task }: OwnedFeed,
  targets: readonly FeedTarget[],
  before: readonly string[],
  after: readonly string[],
): Promise<boolean> {
  let rewound = false;
  for (const [place, { generation, name }] of targets.entries()) {
    const now = after[place] ?? '';
    if (before[place] === now) continue;
    await rewindConsumer(context.ledger, task, generation, now);
    context.observer.event(
      'warn',
      'the sink failed over or was restarted: the feed goes back to what it had written before',
      { index: task.index, generation: name },
    );
    rewound = true;
  }
  return rewound;
}
