import { classify, type Pace } from '@reindeer/core';
import { commitPass, type FeedTarget, notePass, type PassStart } from '@reindeer/ledger';
import { untilRecorded } from '../untilRecorded.ts';
import { type Applied, NOTHING_APPLIED } from './applyKeys.ts';
import type { FeedTotals } from './FeedTotals.ts';
import { feedTickets } from './feedTickets.ts';
import { askIncarnations, knownIncarnations, rewindChanged } from './incarnations.ts';
import { KeyWriter } from './KeyWriter.ts';
import { giveUp, giveUpPruned } from './lapsed.ts';
import { type KeyPage, requestedKeys } from './logKeys.ts';
import type { OwnedFeed } from './ownedFeed.ts';
import { leftPass, type PassState, sinceOf } from './passState.ts';
import { readChanges } from './readChanges.ts';
import { readPace } from './readPace.ts';
import { patienceMs } from './targetFailure.ts';

/** Keys after which a long pass notes how far it has come. */
const NOTE_AFTER_KEYS = 20_000;

/** What a pass is of: all of its state but how far it has come. */
type PassGround = Omit<PassState, 'place' | 'owed'>;

/**
 * One round of the feed (rule 3): what its targets must be found to be, a snapshot, its keys written to every target, and,
 * when all of it is acknowledged and the sinks are what they were, their new positions.
 */
export class Pass {
  #pace: Pace | null;
  /** Why every target will owe a refresh. */
  readonly #owed = new Set<string>();
  /** What was refused, and by whom, since it was last recorded. */
  #unrecorded: Pick<Applied, 'failures' | 'lapsed'> = NOTHING_APPLIED;
  readonly #feed: OwnedFeed;
  readonly #start: PassStart;
  readonly #targets: readonly FeedTarget[];
  readonly #totals: FeedTotals;

  constructor(feed: OwnedFeed, start: PassStart, totals: FeedTotals, pace: Pace | null) {
    this.#feed = feed;
    this.#start = start;
    this.#targets = start.targets;
    this.#totals = totals;
    this.#pace = pace;
  }

  /** What the next pass begins with. */
  get pace(): Pace | null {
    return this.#pace;
  }

  /** `stopped`: it did not come to its end; what is to be done about it, the next begin of a pass says. */
  async make(): Promise<'something' | 'nothing' | 'stopped'> {
    const left = leftPass(this.#start);
    const incarnations = left?.incarnations ?? (await knownIncarnations(this.#feed, this.#targets));
    if (incarnations === null) return 'stopped';
    const requireSameServer = this.#feed.index.source.stay();
    const writer = this.#writer(requireSameServer);
    const pace = readPace(this.#feed.settings, () => writer.appetite);
    const changes = await readChanges(this.#feed, this.#targets, left, pace);
    if (changes === null) return 'stopped';
    for (const cause of [...(left?.owed ?? []), ...changes.refreshOwed]) this.#owed.add(cause);
    const { at, snapshot } = left ?? this.#start;
    const ground = { at, snapshot, since: sinceOf(this.#targets), incarnations, upTo: changes.upTo };

    const logged = await this.#logged(changes.pages, writer, ground, requireSameServer);
    if (logged === 'stopped') return logged;
    // A pass that goes on from where it was left is of an older snapshot.
    const asks = left !== null || this.#start.hasRequested;
    const requested = asks ? await this.#requested(snapshot, writer) : 0;
    this.#add(await writer.drain());
    this.#pace = writer.pace;
    await giveUp(this.#feed, this.#unrecorded.lapsed);
    // A sink that failed over, in this pass or since the last, may have lost some of it: the next pass goes back (rule 15).
    const after = await askIncarnations(this.#feed, this.#targets);
    if (after === null || (await rewindChanged(this.#feed, this.#targets, incarnations, after))) return 'stopped';
    await this.#commit(ground, requested > 0 ? snapshot : null);
    return logged + requested > 0 ? 'something' : 'nothing';
  }

  #writer(requireSameServer: () => void): KeyWriter {
    const { context, index, settings, signal, alive } = this.#feed;
    const ticket = feedTickets(this.#feed, this.#targets);
    const applying = {
      context,
      index,
      targets: this.#targets,
      ticket,
      deletesOnly: false,
      patienceMs: patienceMs(this.#feed, this.#targets),
      requireSameServer,
      signal,
    };
    return new KeyWriter(applying, settings.batch, this.#pace, alive);
  }

  /** Writes what the log has, and notes now and then how far it is. @returns how many keys there were. */
  async #logged(
    pages: AsyncIterator<KeyPage>,
    writer: KeyWriter,
    ground: PassGround,
    requireSameServer: () => void,
  ): Promise<number | 'stopped'> {
    let keys = 0;
    for (let noted = 0; ; ) {
      const page = await pages.next().catch((error: unknown) => giveUpPruned(this.#feed, this.#targets, error));
      if (page === null) {
        // Nobody may leave a claim behind as quiet with requests under way.
        await writer.drain();
        return 'stopped';
      }
      requireSameServer();
      if (page.done) return keys;
      if (page.value.owed !== null) this.#owed.add(page.value.owed);
      this.#feed.alive();
      await writer.add(page.value.keys);
      keys += page.value.keys.length;
      if (keys - noted < NOTE_AFTER_KEYS || page.value.place === null) continue;
      noted = keys;
      this.#add(await writer.drain());
      const runStatus = await this.#note({ ...ground, place: page.value.place, owed: [...this.#owed] });
      if (this.#feed.directive(runStatus).kind === 'hand-back') return 'stopped';
    }
  }

  /** @returns how many requested keys there were. */
  async #requested(upTo: string, writer: KeyWriter): Promise<number> {
    const since = this.#targets.map(({ requested }) => requested);
    if (since.length === 0) return 0;
    let count = 0;
    const { context, task } = this.#feed;
    for await (const keys of requestedKeys(context.ledger, task.index, { since, upTo }, () => writer.appetite)) {
      this.#feed.alive();
      await writer.add(keys);
      count += keys.length;
    }
    return count;
  }

  #add(applied: Applied): void {
    this.#totals.add(applied);
    const { failures, lapsed } = this.#unrecorded;
    this.#unrecorded = {
      failures: [...failures, ...applied.failures],
      lapsed: [...lapsed, ...applied.lapsed],
    };
  }

  async #note(state: PassState): Promise<PassStart['runStatus']> {
    const { failures, lapsed } = this.#unrecorded;
    await giveUp(this.#feed, lapsed);
    const { context, task } = this.#feed;
    const runStatus = await notePass(context.ledger, task, this.#totals.with(failures), JSON.stringify(state));
    this.#unrecorded = NOTHING_APPLIED;
    return runStatus;
  }

  /** @param requested the ledger's snapshot, where keys were requested. */
  async #commit({ at, upTo, incarnations }: PassGround, requested: string | null): Promise<void> {
    const { context, task, control, signal, alive } = this.#feed;
    const totals = this.#totals.with(this.#unrecorded.failures);
    const targets = this.#targets.map(({ generation, position }, place) => ({
      generation,
      from: position,
      incarnation: incarnations[place] ?? '',
    }));
    const end = { ...totals, at, targets, upTo: { ...upTo }, requested, owed: [...this.#owed] };
    await untilRecorded(() => commitPass(context.ledger, task, end), {
      signal,
      passes: (error) => classify(error) === 'unavailable',
    });
    alive();
    control.progress({ progress: 0, documents: totals.tally.read, failed: totals.tally.failed });
    for (const cause of this.#owed) context.observer.event('warn', 'a refresh is owed', { index: task.index, cause });
  }
}
