import {
  addDifferences,
  addTally,
  classify,
  type Differences,
  type Key,
  type RunStatus,
  type Tally,
} from '@reindeer/core';
import {
  type ClaimedTask,
  checkpointSlice,
  type DifferenceExample,
  type DocumentFailure,
  type DueTask,
  type Ledger,
  lostClaim,
  type SliceCheckpoint,
} from '@reindeer/ledger';
import { untilRecorded } from '../untilRecorded.ts';

/** What one batch adds to a slice. */
export interface BatchResult {
  /** How far the slice is done with this batch. */
  readonly cursor: Key | null;
  readonly tally: Tally;
  readonly bytes: number;
  readonly failures: readonly DocumentFailure[];
  readonly differences: Differences;
  readonly examples: readonly DifferenceExample[];
  /** Recorded only with the next result that is not: whoever takes over before that comes to the same again. */
  readonly provisional?: boolean;
  /** Spent waiting for the feed: it says nothing of how large a batch should be. */
  readonly waitedMs?: number;
}

/**
 * Records a slice's progress: one checkpoint at a time is under way, and covers all that was acknowledged before it
 * began. A checkpoint whose outcome is not known is sent again as it is, with its number and totals (I3).
 */
export class Checkpointer {
  /** The run's status as the last checkpoint gave it back. */
  runStatus: RunStatus = 'running';
  /** Refused documents of the whole run, as far as known. */
  runFailed = 0;
  #sequence: number;
  #cursor: Key | null;
  #tally: Tally;
  #bytes: number;
  #failures: DocumentFailure[] = [];
  #differences: Differences;
  #examples: DifferenceExample[] = [];
  #provisional: BatchResult | null = null;
  #dirty = false;
  /** Sent, and its outcome not known. */
  #unknown: SliceCheckpoint | null = null;
  #sending: Promise<void> | null = null;
  readonly #ledger: Ledger;
  readonly #task: ClaimedTask;
  readonly #signal: AbortSignal;
  readonly #onRecorded: (seconds: number) => void;

  constructor(ledger: Ledger, task: ClaimedTask, signal: AbortSignal, onRecorded: (seconds: number) => void) {
    this.#ledger = ledger;
    this.#task = task;
    this.#signal = signal;
    this.#onRecorded = onRecorded;
    this.#sequence = task.checkpoint;
    this.#cursor = task.cursor;
    this.#tally = task.tally;
    this.#bytes = task.bytes;
    this.#differences = task.differences;
  }

  get tally(): Tally {
    return this.#tally;
  }

  get cursor(): Key | null {
    return this.#cursor;
  }

  /** Adds a batch of the contiguous prefix (I2), in order. Recorded soon; `failed` is called if that fails. */
  add(result: BatchResult, failed: (error: unknown) => void): void {
    if (result.provisional) {
      this.#provisional = this.#provisional === null ? result : addResults(this.#provisional, result);
      return;
    }
    const added = this.#provisional === null ? result : addResults(this.#provisional, result);
    this.#provisional = null;
    this.#cursor = added.cursor;
    this.#tally = addTally(this.#tally, added.tally);
    this.#bytes += added.bytes;
    this.#failures.push(...added.failures);
    this.#differences = addDifferences(this.#differences, added.differences);
    this.#examples.push(...added.examples);
    this.#dirty = true;
    if (this.#sending !== null) return;
    this.#sending = this.#drain()
      .catch(failed)
      .finally(() => {
        this.#sending = null;
      });
  }

  /** Everything added is recorded, or this throws. */
  async flush(): Promise<void> {
    await this.#sending;
    await this.#drain();
  }

  /** Records the end of the slice. @returns the run's finish task when this was its last slice. */
  async complete(): Promise<DueTask | null> {
    await this.#sending;
    return this.#send(true);
  }

  async #drain(): Promise<void> {
    await this.#settle();
    while (this.#dirty) await this.#send(false);
  }

  async #send(complete: boolean): Promise<DueTask | null> {
    await this.#settle();
    this.#dirty = false;
    this.#sequence += 1;
    this.#unknown = {
      sequence: this.#sequence,
      cursor: this.#cursor,
      tally: this.#tally,
      bytes: this.#bytes,
      failures: this.#failures,
      found: { differences: this.#differences, examples: this.#examples },
      complete,
    };
    this.#failures = [];
    this.#examples = [];
    return this.#settle();
  }

  /** The next has the next number, which the ledger refuses until it has this one: an owner that skipped one would look deposed. */
  async #settle(): Promise<DueTask | null> {
    const checkpoint = this.#unknown;
    if (checkpoint === null) return null;
    const began = performance.now();
    const result = await untilRecorded(() => checkpointSlice(this.#ledger, this.#task, checkpoint), {
      signal: this.#signal,
      passes: (error) => classify(error) === 'unavailable',
    });
    this.#unknown = null;
    this.#onRecorded((performance.now() - began) / 1000);
    if (result.kind === 'lost') throw lostClaim(this.#task);
    this.runStatus = result.runStatus;
    this.runFailed = Math.max(this.runFailed, result.runFailed ?? 0);
    return result.finish;
  }
}

/** Examples that are kept of results which are not recorded yet: as many as the ledger takes of a run. */
const MAX_EXAMPLES = 60;

function addResults(sum: BatchResult, next: BatchResult): BatchResult {
  return {
    cursor: next.cursor,
    tally: addTally(sum.tally, next.tally),
    bytes: sum.bytes + next.bytes,
    failures: [...sum.failures, ...next.failures],
    differences: addDifferences(sum.differences, next.differences),
    examples: [...sum.examples, ...next.examples].slice(0, MAX_EXAMPLES),
  };
}
