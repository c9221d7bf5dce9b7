import type { Position } from '@reindeer/connectors';
import type { Key } from '@reindeer/core';
import { advanceEcho, type FeedTarget, giveUpConsumer, noteEcho } from '@reindeer/ledger';
import { applyKeys } from './applyKeys.ts';
import { feedTickets } from './feedTickets.ts';
import { lapseReason } from './lapsed.ts';
import { type KeyPage, logKeys, requestedKeys } from './logKeys.ts';
import type { OwnedFeed } from './ownedFeed.ts';
import { parsePlace } from './place.ts';
import { readPace } from './readPace.ts';
import { patienceMs } from './targetFailure.ts';

const PAGE_KEYS = 500;
/** A step takes no longer, but for the page that it is at: freshness does not wait for an echo. */
const STEP_MS = 50;
/** Pages after which it is noted how far an echo has come: its owner may die. */
const NOTE_AFTER_PAGES = 20;

interface Underway {
  readonly target: FeedTarget;
  readonly pages: AsyncIterator<KeyPage>;
  readonly requireSameServer: () => void;
  /** Pages since it was last noted how far it has come. */
  unnoted: number;
  /** How far that is; null: it is noted. */
  reached: string | null;
}

/**
 * Sends the feed's deletes a second time, when every request of their time has ended (rule 14): an engine forgets after a
 * while, or when it fails over, that a document was deleted, and a request of an owner that was overtaken may arrive after
 * that. The keys are in the logs still; what has no document now is deleted with a ticket of now. In short steps, so
 * that freshness does not wait for it. What is echoed is done with for good: the logs are pruned below it.
 */
export class Echo {
  #underway: Underway | null = null;
  readonly #feed: OwnedFeed;

  constructor(feed: OwnedFeed) {
    this.#feed = feed;
  }

  /** @param idle the feed has nothing else to do. @returns whether there was something to do */
  async step(targets: readonly FeedTarget[], idle: boolean): Promise<boolean> {
    const due = this.#feed.settings.leaseMs + this.#feed.settings.batchTimeoutMs;
    // A feed that is never idle echoes a page a pass, once it is late.
    const from = idle ? due : due * 2;
    this.#underway ??= this.#begin(targets.find(({ echoAgeMs }) => echoAgeMs !== null && echoAgeMs >= from));
    if (this.#underway === null) return false;
    const { target, pages, requireSameServer } = this.#underway;
    const patience = patienceMs(this.#feed, targets);
    // Where it was given up, or went back, meanwhile, what is echoed is not.
    const now = targets.find(({ generation }) => generation === target.generation);
    if (now === undefined || JSON.stringify(now.echoTo) !== JSON.stringify(target.echoTo)) {
      this.#underway = null;
      return false;
    }
    const began = performance.now();
    do {
      const page = await pages.next().catch((error: unknown) => this.#giveUpPruned(target, error));
      if (page === null) return true;
      if (page.done) {
        this.#underway = null;
        if (target.echoTo !== null)
          await advanceEcho(this.#feed.context.ledger, this.#feed.task, target.generation, target.echoTo);
        return true;
      }
      await this.#page(now, page.value, patience, requireSameServer);
    } while (performance.now() - began < STEP_MS);
    return true;
  }

  /** Notes how far it has come. At the end of a turn too: however short turns are, the next goes on there, or no echo would end. */
  async note(): Promise<void> {
    if (this.#underway === null) return;
    const { target, reached } = this.#underway;
    if (target.echoTo === null || reached === null) return;
    this.#underway.unnoted = 0;
    this.#underway.reached = null;
    await noteEcho(this.#feed.context.ledger, this.#feed.task, target.generation, target.echoTo, reached);
  }

  /** Somebody else pruned the log, another deployment say. */
  async #giveUpPruned(target: FeedTarget, error: unknown): Promise<null> {
    const reason = lapseReason(error);
    if (reason === null) throw error;
    this.#underway = null;
    await giveUpConsumer(this.#feed.context.ledger, target.generation, reason);
    return null;
  }

  async #page(
    target: FeedTarget,
    { keys, place }: KeyPage,
    patience: number | null,
    requireSameServer: () => void,
  ): Promise<void> {
    if (keys.length > 0) await this.#apply(target, keys, patience, requireSameServer);
    if (this.#underway === null || target.echoTo === null) return;
    this.#underway.unnoted += 1;
    if (place === null) return;
    this.#underway.reached = place;
    if (this.#underway.unnoted >= NOTE_AFTER_PAGES) await this.note();
  }

  async #apply(
    target: FeedTarget,
    keys: readonly Key[],
    patienceMs: number | null,
    requireSameServer: () => void,
  ): Promise<void> {
    const { context, index, signal } = this.#feed;
    const ticket = feedTickets(this.#feed, [target]);
    const applying = {
      context,
      index,
      targets: [target],
      ticket,
      deletesOnly: true,
      onBusy: () => {},
      patienceMs,
      requireSameServer,
      signal,
    };
    await applyKeys(applying, keys);
  }

  #begin(target: FeedTarget | undefined): Underway | null {
    if (target === undefined) return null;
    const requireSameServer = this.#feed.index.source.stay();
    return { target, pages: this.#pages(target), requireSameServer, unnoted: 0, reached: null };
  }

  async *#pages(target: FeedTarget): AsyncGenerator<KeyPage, void, undefined> {
    const { context, index, task, settings, signal } = this.#feed;
    const { log } = index.source;
    const pace = readPace(settings, () => PAGE_KEYS);
    if (log !== null) {
      const [since, upTo] = [target.echoed, target.echoTo] as unknown as readonly [Position, Position];
      const place = parsePlace(target.echoCursor ?? '');
      const pass = await log.changes([since], pace, signal, { upTo, cursor: place.cursor });
      // What a dependency touched is looked for as it is now: what it touched then and does no more was logged itself.
      // What cannot be resolved was told, and is owed, by the pass itself.
      yield* logKeys(log, pass, { upTo, place }, pace, () => {}, signal);
    }
    if (target.requestedEchoTo === null) return;
    const requested = { since: [target.requestedEchoed], upTo: target.requestedEchoTo };
    for await (const keys of requestedKeys(context.ledger, task.index, requested, () => PAGE_KEYS))
      yield { keys, place: null, owed: null };
  }
}
