import type { ChangePass, Position, ReadPace } from '@reindeer/connectors';
import type { FeedTarget } from '@reindeer/ledger';
import { giveUpPruned } from './lapsed.ts';
import { type KeyPage, logKeys } from './logKeys.ts';
import type { OwnedFeed } from './ownedFeed.ts';
import { type PassState, positionsOf } from './passState.ts';
import { parsePlace } from './place.ts';

/** What the source's log says has changed: the snapshot that a pass is of, and the keys, page by page. */
export interface LoggedChanges extends Pick<ChangePass, 'upTo' | 'refreshOwed'> {
  readonly pages: AsyncGenerator<KeyPage, void, undefined>;
}

/** Takes the snapshot, or goes on with that of the pass that was left. null: a consumer was given up; begin again. */
export async function readChanges(
  feed: OwnedFeed,
  targets: readonly FeedTarget[],
  left: PassState | null,
  pace: ReadPace,
): Promise<LoggedChanges | null> {
  const { log } = feed.index.source;
  // Without a log positions stand still, and only requested keys are followed.
  if (log === null || targets.length === 0) {
    const upTo = (targets[0]?.position ?? {}) as unknown as Position;
    return { upTo, refreshOwed: [], pages: noPages() };
  }
  const resume = left && { upTo: left.upTo, place: parsePlace(left.place) };
  const from = resume === null ? undefined : { upTo: resume.upTo, cursor: resume.place.cursor };
  const pass = await log
    .changes(positionsOf(targets), pace, feed.signal, from)
    .catch((error: unknown) => giveUpPruned(feed, targets, error));
  if (pass === null) return null;
  const { observer } = feed.context;
  const tell = (error: string) =>
    observer.event('warn', 'what a row of a dependency touches is not known; a refresh is owed', {
      index: feed.task.index,
      error,
    });
  return { ...pass, pages: logKeys(log, pass, resume, pace, tell, feed.signal) };
}

async function* noPages(): AsyncGenerator<never, void, undefined> {}
