import {
  budgetSpent,
  type Directive,
  decideDirective,
  firstPace,
  nextPace,
  PrefixTracker,
  RefusedError,
  type Tally,
  UnavailableError,
} from '@reindeer/core';
import type { ClaimedTask, DueTask } from '@reindeer/ledger';
import type { EngineContext, OpenIndex, WorkSettings } from '../context.ts';
import { requireReached } from '../identity/requireReached.ts';
import { type BatchResult, Checkpointer } from './checkpointer.ts';
import type { SlicePage, SliceWork } from './sliceWork.ts';
import { Watchdog } from './watchdog.ts';
import { workOf } from './workOf.ts';

export interface SliceControl {
  /** Aborted when the queue took the job away: nothing may be written any more. */
  readonly lost: AbortSignal;
  /** Aborted when this process drains: the slice is handed back after what is under way. */
  readonly draining: AbortSignal;
  permit<T>(work: () => Promise<T>): Promise<T>;
  progress(value: { progress: number } & Record<string, unknown>): void;
}

export type SliceEnd =
  | { readonly kind: 'completed'; readonly finish: DueTask | null; readonly tally: Tally }
  | { readonly kind: 'handed-back'; readonly reason: string };

/**
 * A slice in the hands of its owner: pages are read and worked on with several batches in flight; what is done without
 * a gap is checkpointed (I2), and the checkpoint says whether to go on.
 * @throws what the caller classifies; all that was acknowledged is recorded before.
 */
export async function runSlice(
  context: EngineContext,
  index: OpenIndex,
  task: ClaimedTask,
  settings: WorkSettings,
  control: SliceControl,
): Promise<SliceEnd> {
  const slice = new Slice(context, index, task, settings, control);
  try {
    return await slice.run();
  } finally {
    slice.dispose();
  }
}

class Slice {
  readonly #abort = new AbortController();
  readonly #signal: AbortSignal;
  readonly #watchdog: Watchdog;
  readonly #checkpointer: Checkpointer;
  readonly #prefix = new PrefixTracker<BatchResult>();
  readonly #inFlight = new Set<Promise<void>>();
  readonly #startedAt = performance.now();
  #pace;
  /** What was read of another server is not done: it is read, and written, again. */
  #requireSameServer = () => {};
  #failure: { readonly error: unknown } | null = null;
  readonly #context: EngineContext;
  readonly #index: OpenIndex;
  readonly #task: ClaimedTask;
  readonly #settings: WorkSettings;
  readonly #control: SliceControl;
  readonly #work: SliceWork<SlicePage>;

  constructor(
    context: EngineContext,
    index: OpenIndex,
    task: ClaimedTask,
    settings: WorkSettings,
    control: SliceControl,
  ) {
    this.#context = context;
    this.#index = index;
    this.#task = task;
    this.#settings = settings;
    this.#control = control;
    this.#signal = AbortSignal.any([control.lost, this.#abort.signal]);
    this.#work = workOf(context, index, task, settings, this.#signal);
    this.#pace = firstPace({ maxDocuments: settings.batch.maxDocuments, targetMs: settings.batch.targetMs });
    this.#watchdog = new Watchdog(settings.batchTimeoutMs, () =>
      this.#fail(
        new UnavailableError(
          'batch-timeout',
          `No batch of slice ${task.number} made progress for ${settings.batchTimeoutMs} ms. Look at the sink's and the source's load, or raise worker.batchTimeout.`,
        ),
      ),
    );
    this.#checkpointer = new Checkpointer(context.ledger, task, this.#signal, (seconds) => {
      this.#watchdog.progress();
      context.observer.batch('checkpoint', seconds);
    });
  }

  dispose(): void {
    this.#watchdog.stop();
    this.#abort.abort();
  }

  async run(): Promise<SliceEnd> {
    let directive: Directive = { kind: 'go-on' };
    try {
      if (this.#task.generation !== null)
        await requireReached(this.#context, this.#index, this.#task.generation, this.#signal);
      this.#requireSameServer = this.#index.source.stay();
      let sequence = 0;
      let askedAt = performance.now();
      for await (const page of this.#pages()) {
        this.#watchdog.progress();
        this.#context.observer.batch('read', (performance.now() - askedAt) / 1000);
        this.#begin(sequence, page);
        sequence += 1;
        while (this.#inFlight.size >= this.#settings.batch.inFlight) await Promise.race(this.#inFlight);
        directive = this.#directive();
        // A turn that ended midway would come to the same place for ever.
        if (page.midway && directive.kind === 'hand-back' && directive.reason === 'turn') directive = { kind: 'go-on' };
        if (this.#failure !== null || directive.kind !== 'go-on') break;
        askedAt = performance.now();
      }
    } catch (error) {
      this.#fail(error);
    }
    await Promise.all(this.#inFlight);
    return this.#end(directive);
  }

  async #end(directive: Directive): Promise<SliceEnd> {
    if (this.#failure !== null) {
      // What was acknowledged stays done; the error that brought us here matters more than one from here.
      if (!this.#control.lost.aborted) await this.#checkpointer.flush().catch(() => {});
      throw this.#failure.error;
    }
    if (directive.kind === 'go-on') {
      const finish = await this.#checkpointer.complete();
      this.#refuseOverBudget();
      this.#report(100);
      return { kind: 'completed', finish, tally: this.#checkpointer.tally };
    }
    await this.#checkpointer.flush();
    this.#refuseOverBudget();
    return { kind: 'handed-back', reason: directive.reason };
  }

  #pages(): AsyncIterable<SlicePage> {
    const { batch, batchTimeoutMs } = this.#settings;
    const pace = {
      maxDocuments: () => this.#pace.documents,
      maxBytes: Math.min(batch.maxBytes, this.#index.sink.capabilities.maxBatchBytes),
      timeoutMs: batchTimeoutMs,
    };
    return this.#work.pages(pace, this.#signal);
  }

  #begin(sequence: number, page: SlicePage): void {
    this.#prefix.begin(sequence);
    const batch: Promise<void> = this.#control
      .permit(() => this.#write(sequence, page))
      .catch((error: unknown) => this.#fail(error))
      .finally(() => this.#inFlight.delete(batch));
    this.#inFlight.add(batch);
  }

  async #write(sequence: number, page: SlicePage): Promise<void> {
    if (this.#failure !== null) return;
    const began = performance.now();
    let busy = false;
    const onBusy = () => {
      busy = true;
    };
    const result = await this.#work.apply(page, onBusy, this.#signal);
    this.#requireSameServer();
    this.#watchdog.progress();
    this.#pace = nextPace(this.#pace, {
      documents: page.documents.length,
      elapsedMs: performance.now() - began - (result.waitedMs ?? 0),
      busy,
    });
    this.#observe(result);
    for (const covered of this.#prefix.acknowledge(sequence, result)) {
      this.#checkpointer.add(covered, (error) => this.#fail(error));
    }
    this.#refuseOverBudget();
    this.#report(this.#percent());
  }

  #fail(error: unknown): void {
    if (this.#failure !== null) return;
    this.#failure = { error };
    this.#abort.abort(error);
  }

  #directive(): Directive {
    return decideDirective({
      runStatus: this.#checkpointer.runStatus,
      turnElapsedMs: performance.now() - this.#startedAt,
      turnMs: this.#settings.turnMs,
      draining: this.#control.draining.aborted,
    });
  }

  #refuseOverBudget(): void {
    const { errors } = this.#index.definition;
    const failed = this.#checkpointer.runFailed;
    if (!budgetSpent(failed, errors)) return;
    throw new RefusedError(
      'error-budget',
      `${failed} documents were refused; ${errors.maxFailed} are permitted. ${this.#task.lane === 'rebuild' ? 'Nothing is promoted. ' : ''}See \`reindeer show ${this.#task.run}\` for the causes, mend them or raise errors.maxFailed, then start a new run.`,
    );
  }

  #percent(): number {
    const { estimate } = this.#task;
    return estimate === 0 ? 0 : Math.min(99, Math.floor((100 * this.#checkpointer.tally.read) / estimate));
  }

  #report(progress: number): void {
    const { tally, cursor } = this.#checkpointer;
    this.#control.progress({ progress, documents: tally.read, failed: tally.failed, cursor });
  }

  #observe(result: BatchResult): void {
    const { index, lane } = this.#task;
    const { read: _, ...outcomes } = result.tally;
    for (const [outcome, count] of Object.entries(outcomes)) {
      if (count > 0) this.#context.observer.documents(index, lane, outcome, count);
    }
    this.#context.observer.bytes(index, lane, result.bytes);
  }
}
