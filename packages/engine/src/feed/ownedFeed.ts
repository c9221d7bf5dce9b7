import type { Directive, RunStatus } from '@reindeer/core';
import type { ClaimedTask } from '@reindeer/ledger';
import type { EngineContext, OpenIndex, WorkSettings } from '../context.ts';
import type { SliceControl } from '../slice/runSlice.ts';

/** What the process that runs a feed says and hears of it. */
export type FeedControl = Pick<SliceControl, 'lost' | 'draining' | 'progress'>;

/** The feed of an index in the hands of its owner: what every piece of it works with. */
export interface OwnedFeed {
  readonly context: EngineContext;
  readonly index: OpenIndex;
  readonly task: ClaimedTask;
  readonly settings: WorkSettings;
  readonly control: FeedControl;
  /** Aborted when the claim is lost, when nothing goes on any more, and when the feed has ended. */
  readonly signal: AbortSignal;
  /** Says that it goes on: without it for `batchTimeoutMs`, all of it is aborted. */
  readonly alive: () => void;
  /** What its owner is to do next, by the run's status, the time of its turn, and whether its process drains. */
  readonly directive: (runStatus: RunStatus) => Directive;
}
