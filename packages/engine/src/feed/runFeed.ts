import { setTimeout as wait } from 'node:timers/promises';
import type { ChangePass, Position, ReadPace } from '@reindeer/connectors';
import {
  addTally,
  classify,
  type Directive,
  decideDirective,
  type Pace,
  RefusedError,
  type Tally,
  UnavailableError,
} from '@reindeer/core';
import {
  beginPass,
  type ClaimedTask,
  commitPass,
  type FeedTarget,
  giveUpConsumer,
  notePass,
  type PassStart,
  renewConsumer,
  rewindConsumer,
} from '@reindeer/ledger';
import type { EngineContext, OpenIndex, WorkSettings } from '../context.ts';
import { requireSameSource } from '../identity/requireSameSource.ts';
import { withFingerprint } from '../slice/documentFailures.ts';
import type { SliceControl, SliceEnd } from '../slice/runSlice.ts';
import { Watchdog } from '../slice/watchdog.ts';
import { untilRecorded } from '../untilRecorded.ts';
import { type Applied, NOTHING_APPLIED } from './applyKeys.ts';
import { Echo } from './Echo.ts';
import { feedTickets } from './feedTickets.ts';
import { KeyWriter } from './KeyWriter.ts';
import { logKeys, requestedKeys } from './logKeys.ts';
import { leftPass, type PassState, sinceOf } from './passState.ts';

/** Keys after which a long pass notes how far it has come. */
const NOTE_AFTER_KEYS = 20_000;

/**
 * The feed: one run for each index, which never ends. Its owner makes pass after pass over what changed, and applies it to
 * every generation that is kept current (rule 3), until it is asked to stop or its turn is over.
 * @throws what the caller classifies; the pass that was under way is made again.
 */
export async function runFeed(
  context: EngineContext,
  index: OpenIndex,
  task: ClaimedTask,
  settings: WorkSettings,
  control: Pick<SliceControl, 'lost' | 'draining' | 'progress'>,
): Promise<Extract<SliceEnd, { kind: 'handed-back' }>> {
  const feed = new Feed(context, index, task, settings, control);
  try {
    return { kind: 'handed-back', reason: await feed.run() };
  } finally {
    feed.dispose();
  }
}

class Feed {
  readonly #abort = new AbortController();
  readonly #signal: AbortSignal;
  readonly #watchdog: Watchdog;
  readonly #echo: Echo;
  readonly #startedAt = performance.now();
  readonly #context: EngineContext;
  readonly #index: OpenIndex;
  readonly #task: ClaimedTask;
  readonly #settings: WorkSettings;
  readonly #control: Pick<SliceControl, 'lost' | 'draining' | 'progress'>;
  readonly #everyMs: number;
  #tally: Tally;
  #bytes: number;
  #pace: Pace | null = null;
  /** By generation. */
  readonly #sameSource = new Map<number, boolean>();

  constructor(
    context: EngineContext,
    index: OpenIndex,
    task: ClaimedTask,
    settings: WorkSettings,
    control: Pick<SliceControl, 'lost' | 'draining' | 'progress'>,
  ) {
    const { incremental } = index.definition;
    if (incremental === null)
      throw new RefusedError('not-in-configuration', `Index ${index.definition.name} has no feed any more.`);
    this.#everyMs = incremental.everyMs;
    this.#context = context;
    this.#index = index;
    this.#task = task;
    this.#settings = settings;
    this.#control = control;
    this.#tally = task.tally;
    this.#bytes = task.bytes;
    this.#signal = AbortSignal.any([control.lost, this.#abort.signal]);
    this.#echo = new Echo(context, index, task, settings, this.#signal);
    this.#watchdog = new Watchdog(settings.batchTimeoutMs, () =>
      this.#abort.abort(
        new UnavailableError(
          'batch-timeout',
          `The feed of ${task.index} made no progress for ${settings.batchTimeoutMs} ms. Look at the sink's and the source's load, or raise worker.batchTimeout.`,
        ),
      ),
    );
  }

  dispose(): void {
    this.#watchdog.stop();
    this.#abort.abort();
  }

  /** @returns why it stopped. */
  async run(): Promise<string> {
    try {
      for (let passed = false; ; passed = true) {
        const start = await beginPass(this.#context.ledger, this.#task);
        this.#watchdog.progress();
        const directive = this.#directive(start);
        // A turn has one pass at least.
        if (directive.kind === 'hand-back' && (directive.reason !== 'turn' || passed)) return directive.reason;
        const lapsed = await this.#ofThisSource(start.lapsed);
        for (const one of lapsed) await this.#renew(one);
        if (lapsed.length > 0) continue;
        const targets = await this.#ofThisSource(start.targets);
        const end = await this.#pass({ ...start, targets });
        if (end === 'stopped') continue;
        const echoed = await this.#echo.step(targets, end === 'nothing');
        this.#watchdog.progress();
        if (end === 'nothing' && !echoed) await this.#rest();
      }
    } catch (error) {
      // What stopped it says more than what was stopped.
      const { reason } = this.#abort.signal;
      throw this.#abort.signal.aborted && reason instanceof UnavailableError ? reason : error;
    }
  }

  #directive(start: Pick<PassStart, 'runStatus'>): Directive {
    return decideDirective({
      runStatus: start.runStatus,
      turnElapsedMs: performance.now() - this.#startedAt,
      turnMs: this.#settings.turnMs,
      draining: this.#control.draining.aborted,
    });
  }

  /** Until the next pass, or until this process drains: resting is progress. */
  async #rest(): Promise<void> {
    const signal = AbortSignal.any([this.#signal, this.#control.draining]);
    const step = Math.max(1, Math.min(this.#everyMs, this.#settings.batchTimeoutMs / 4));
    for (let restedMs = 0; restedMs < this.#everyMs && !signal.aborted; restedMs += step) {
      await wait(step, undefined, { signal }).catch((error: unknown) => {
        if (this.#signal.aborted) throw error;
      });
      this.#watchdog.progress();
    }
  }

  /** What is live goes on from a position taken now, and owes a refresh: what came before it is not known. */
  async #renew({ generation, name, cause }: PassStart['lapsed'][number]): Promise<void> {
    const position = await this.#index.source.position(this.#signal);
    await renewConsumer(this.#context.ledger, this.#task, generation, { ...position }, cause);
    this.#context.observer.event('warn', 'the feed goes on from now; a refresh is owed', {
      index: this.#task.index,
      generation: name,
      cause,
    });
  }

  async #pass(start: PassStart): Promise<'something' | 'nothing' | 'stopped'> {
    const left = leftPass(start);
    const incarnations = left?.incarnations ?? (await this.#knownIncarnations(start.targets));
    if (incarnations === null) return 'stopped';
    const writer = this.#writer(start.targets);
    const pace = this.#readPace(() => writer.appetite);
    const changes = await this.#changes(start.targets, left, pace);
    if (changes === null) return 'stopped';
    const { at, snapshot } = left ?? start;
    const owed = new Set([...(left?.owed ?? []), ...changes.refreshOwed]);
    let keys = 0;
    let sum: Applied = await writer.drain();

    const { log } = this.#index.source;
    const pages = log === null ? noPages() : logKeys(log, changes, pace, this.#signal);
    for (let noted = 0; ; ) {
      const page = await pages.next().catch((error: unknown) => this.#giveUpPruned(start.targets, error));
      if (page === null) {
        // Nobody may leave a claim behind as quiet with requests under way.
        await writer.drain();
        return 'stopped';
      }
      if (page.done) break;
      if (page.value.refreshOwed) owed.add('truncated');
      this.#watchdog.progress();
      await writer.add(page.value.keys);
      keys += page.value.keys.length;
      if (keys - noted < NOTE_AFTER_KEYS || page.value.cursor === null) continue;
      noted = keys;
      sum = this.#add(sum, await writer.drain());
      const state = { at, snapshot, since: sinceOf(start.targets), incarnations, upTo: changes.upTo } as const;
      const runStatus = await this.#note({ ...state, cursor: page.value.cursor, owed: [...owed] }, sum);
      sum = NOTHING_APPLIED;
      if (this.#directive({ runStatus }).kind === 'hand-back') return 'stopped';
    }
    // A pass that goes on from where it was left is of an older snapshot.
    const asks = left !== null || start.hasRequested;
    const requested = asks ? await this.#requested(start.targets, snapshot, writer) : 0;
    sum = this.#add(sum, await writer.drain());
    this.#pace = writer.pace;
    await this.#giveUp(sum.lapsed);
    // A sink that failed over, in this pass or since the last, may have lost some of it: the next pass goes back (rule 15).
    const after = await this.#incarnations(start.targets);
    if (after === null || (await this.#rewind(start.targets, incarnations, after))) return 'stopped';
    await this.#commit({ at, targets: start.targets, incarnations, upTo: changes.upTo, owed: [...owed] }, sum, {
      snapshot: requested > 0 ? snapshot : null,
    });
    return keys + requested > 0 ? 'something' : 'nothing';
  }

  /**
   * Those that were built from the database that the source is now (rule 16). A process whose configuration leads elsewhere
   * writes nothing of what it finds there to the others; their positions stand still, so that nothing is lost when the
   * address is corrected. A generation that is built anew from there goes on.
   */
  async #ofThisSource<T extends { readonly generation: number; readonly name: string }>(
    targets: readonly T[],
  ): Promise<readonly T[]> {
    for (const { generation: id, name } of targets) {
      if (this.#sameSource.has(id)) continue;
      const same = await requireSameSource(this.#context, this.#index, { id, name }, this.#signal).then(
        () => true,
        (error: unknown) => {
          if (error instanceof RefusedError && error.reason === 'source-replaced') return false;
          throw error;
        },
      );
      this.#sameSource.set(id, same);
    }
    return targets.filter(({ generation }) => this.#sameSource.get(generation));
  }

  #writer(targets: readonly FeedTarget[]): KeyWriter {
    return new KeyWriter(
      {
        context: this.#context,
        index: this.#index,
        targets,
        ticket: feedTickets(this.#context, this.#index, this.#task, targets, this.#signal),
        deletesOnly: false,
        signal: this.#signal,
      },
      this.#settings.batch,
      this.#pace,
      () => this.#watchdog.progress(),
    );
  }

  #readPace(maxDocuments: () => number): ReadPace {
    const { batch, batchTimeoutMs } = this.#settings;
    return { maxDocuments, maxBytes: batch.maxBytes, timeoutMs: batchTimeoutMs };
  }

  /** null: a consumer was given up; begin again. */
  async #changes(targets: readonly FeedTarget[], left: PassState | null, pace: ReadPace): Promise<ChangePass | null> {
    const { log } = this.#index.source;
    // Without a log positions stand still, and only requested keys are followed.
    if (log === null || targets.length === 0) {
      const upTo = (targets[0]?.position ?? {}) as unknown as Position;
      return { upTo, refreshOwed: [], pages: noPages() };
    }
    const resume = left === null ? undefined : { upTo: left.upTo, cursor: left.cursor };
    return log
      .changes(positionsOf(targets), pace, this.#signal, resume)
      .catch((error: unknown) => this.#giveUpPruned(targets, error));
  }

  /** Those whose position the log no longer reaches back to; the others go on without them. */
  async #giveUpPruned(targets: readonly FeedTarget[], error: unknown): Promise<null> {
    const { log } = this.#index.source;
    if (!(error instanceof RefusedError) || error.reason !== 'changes-pruned' || log === null) throw error;
    const pace = this.#readPace(() => 1);
    for (const target of targets) {
      const reaches = await log.changes(positionsOf([target]), pace, this.#signal).then(
        () => true,
        (problem: unknown) => !(problem instanceof RefusedError && problem.reason === 'changes-pruned'),
      );
      if (reaches) continue;
      await this.#giveUp([{ target, reason: 'changes-pruned' }]);
    }
    return null;
  }

  async #giveUp(lapsed: readonly { readonly target: FeedTarget; readonly reason: string }[]): Promise<void> {
    for (const { target, reason } of lapsed) {
      if (!(await giveUpConsumer(this.#context.ledger, target.generation, reason))) continue;
      const { name, state } = target;
      const message = state === 'live' ? 'the feed lost its place' : 'a generation is not kept current any more';
      this.#context.observer.event('warn', message, { index: this.#task.index, generation: name, state, reason });
    }
  }

  /**
   * What each sink must still be when the pass has ended: what it was when the last one had, which need not be asked now.
   * null: one of them is gone, and was given up.
   */
  async #knownIncarnations(targets: readonly FeedTarget[]): Promise<readonly string[] | null> {
    const known = targets.flatMap(({ incarnation }) => incarnation ?? []);
    if (known.length === targets.length) return known;
    const asked = await this.#incarnations(targets);
    return asked && targets.map(({ incarnation }, place) => incarnation ?? asked[place] ?? '');
  }

  /** null: one of them is gone, and was given up. */
  async #incarnations(targets: readonly FeedTarget[]): Promise<readonly string[] | null> {
    const index = this.#task.index;
    const texts = await Promise.all(
      targets.map((target) =>
        this.#index.sink.incarnation({ index, name: target.name }, this.#signal).catch((error: unknown) => {
          const gone = error instanceof RefusedError && error.reason === 'generation-gone';
          if (!gone || target.state === 'live') throw error;
          return null;
        }),
      ),
    );
    const gone = targets.filter((_, place) => texts[place] === null);
    await this.#giveUp(gone.map((target) => ({ target, reason: 'generation-gone' })));
    return gone.length > 0 ? null : texts.map((text) => text ?? '');
  }

  async #rewind(targets: readonly FeedTarget[], before: readonly string[], after: readonly string[]): Promise<boolean> {
    let rewound = false;
    for (const [place, { generation, name }] of targets.entries()) {
      const now = after[place] ?? '';
      if (before[place] === now) continue;
      await rewindConsumer(this.#context.ledger, this.#task, generation, now);
      this.#context.observer.event(
        'warn',
        'the sink failed over or was restarted: the feed goes back to what it had written before',
        { index: this.#task.index, generation: name },
      );
      rewound = true;
    }
    return rewound;
  }

  /** @returns how many requested keys there were. */
  async #requested(targets: readonly FeedTarget[], upTo: string, writer: KeyWriter): Promise<number> {
    const since = targets.map(({ requested }) => requested);
    if (since.length === 0) return 0;
    let count = 0;
    const { ledger } = this.#context;
    for await (const keys of requestedKeys(ledger, this.#task.index, { since, upTo }, () => writer.appetite)) {
      this.#watchdog.progress();
      await writer.add(keys);
      count += keys.length;
    }
    return count;
  }

  async #note(state: PassState, sum: Applied): Promise<PassStart['runStatus']> {
    await this.#giveUp(sum.lapsed);
    const totals = { tally: this.#tally, bytes: this.#bytes, failures: sum.failures.map(withFingerprint) };
    return notePass(this.#context.ledger, this.#task, totals, JSON.stringify(state));
  }

  #add(sum: Applied, next: Applied): Applied {
    const { observer } = this.#context;
    const { read: _, ...outcomes } = next.tally;
    for (const [outcome, count] of Object.entries(outcomes))
      if (count > 0) observer.documents(this.#task.index, this.#task.lane, outcome, count);
    observer.bytes(this.#task.index, this.#task.lane, next.bytes);
    this.#tally = addTally(this.#tally, next.tally);
    this.#bytes += next.bytes;
    return { ...next, failures: [...sum.failures, ...next.failures], lapsed: [...sum.lapsed, ...next.lapsed] };
  }

  async #commit(
    pass: Pick<PassState, 'at' | 'upTo' | 'owed'> & {
      readonly targets: readonly FeedTarget[];
      readonly incarnations: readonly string[];
    },
    sum: Applied,
    requested: { readonly snapshot: string | null },
  ): Promise<void> {
    const end = {
      at: pass.at,
      targets: pass.targets.map(({ generation, position }, place) => ({
        generation,
        from: position,
        incarnation: pass.incarnations[place] ?? '',
      })),
      upTo: { ...pass.upTo },
      requested: requested.snapshot,
      owed: pass.owed,
      tally: this.#tally,
      bytes: this.#bytes,
      failures: sum.failures.map(withFingerprint),
    };
    await untilRecorded(() => commitPass(this.#context.ledger, this.#task, end), {
      signal: this.#signal,
      passes: (error) => classify(error) === 'unavailable',
    });
    this.#watchdog.progress();
    this.#control.progress({ progress: 0, documents: this.#tally.read, failed: this.#tally.failed });
    for (const cause of pass.owed)
      this.#context.observer.event('warn', 'a refresh is owed', { index: this.#task.index, cause });
  }
}

function positionsOf(targets: readonly FeedTarget[]): readonly Position[] {
  return targets.map(({ position }) => position as unknown as Position);
}

async function* noPages(): AsyncGenerator<never, void, undefined> {}
