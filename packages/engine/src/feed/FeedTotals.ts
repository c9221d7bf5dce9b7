import { addTally, type Tally } from '@reindeer/core';
import type { PassTotals } from '@reindeer/ledger';
import { withFingerprint } from '../slice/documentFailures.ts';
import type { Refusal } from '../transform/prepare.ts';
import type { Applied } from './applyKeys.ts';
import type { OwnedFeed } from './ownedFeed.ts';

/** What the feed's slice has done, in absolute totals; what is added is told to those who watch. */
export class FeedTotals {
  #tally: Tally;
  #bytes: number;
  readonly #feed: OwnedFeed;

  constructor(feed: OwnedFeed) {
    this.#feed = feed;
    this.#tally = feed.task.tally;
    this.#bytes = feed.task.bytes;
  }

  add({ tally, bytes }: Applied): void {
    const { context, task } = this.#feed;
    const { read: _, ...outcomes } = tally;
    for (const [outcome, count] of Object.entries(outcomes))
      if (count > 0) context.observer.documents(task.index, task.lane, outcome, count);
    context.observer.bytes(task.index, task.lane, bytes);
    this.#tally = addTally(this.#tally, tally);
    this.#bytes += bytes;
  }

  /** As the ledger records them, with what could not be written since the last time. */
  with(failures: readonly Refusal[]): PassTotals {
    return { tally: this.#tally, bytes: this.#bytes, failures: failures.map(withFingerprint) };
  }
}
