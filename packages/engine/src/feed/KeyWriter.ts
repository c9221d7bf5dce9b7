import { createHash } from 'node:crypto';
import { firstPace, type Key, nextPace, type Pace } from '@reindeer/core';
import type { BatchSettings } from '../context.ts';
import { type Applied, type Applying, addApplied, applyKeys, NOTHING_APPLIED } from './applyKeys.ts';

/** Batches under way at once when the feed is behind. */
const LANES = 4;

/**
 * Writes the keys of a pass in batches: one where there are few, otherwise several side by side, split by a hash of the
 * key. Tickets order two writes of one document, wherever they meet; the split only spares writing it twice.
 */
export class KeyWriter {
  #applied: Applied = NOTHING_APPLIED;
  #pace: Pace;
  #failure: { readonly error: unknown } | null = null;
  readonly #lanes = new Map<number, Promise<void>>();
  readonly #applying: Omit<Applying, 'onBusy'>;
  readonly #onProgress: () => void;

  constructor(applying: Omit<Applying, 'onBusy'>, batch: BatchSettings, pace: Pace | null, onProgress: () => void) {
    this.#applying = applying;
    this.#onProgress = onProgress;
    this.#pace = pace ?? firstPace({ maxDocuments: batch.maxDocuments, targetMs: batch.targetMs });
  }

  get pace(): Pace {
    return this.#pace;
  }

  /** Keys that can be under way at once: how many are worth reading at a time. */
  get appetite(): number {
    return this.#pace.documents * LANES;
  }

  /** Resolves when there is room for more; rejects when a batch has failed. */
  async add(keys: readonly Key[]): Promise<void> {
    const lanes = Math.min(LANES, Math.ceil(keys.length / this.#pace.documents));
    const parts: Key[][] = Array.from({ length: lanes }, () => []);
    for (const key of keys) parts[lanes === 1 ? 0 : laneOf(key, lanes)]?.push(key);
    for (const [lane, part] of parts.entries()) {
      for (let at = 0; at < part.length; at += this.#pace.documents) {
        await this.#lanes.get(lane);
        await this.#throwIfFailed();
        this.#begin(lane, part.slice(at, at + this.#pace.documents));
      }
    }
  }

  /** Everything added is acknowledged, or this rejects. Gives what came of it, and begins a new sum. */
  async drain(): Promise<Applied> {
    await Promise.all(this.#lanes.values());
    await this.#throwIfFailed();
    const applied = this.#applied;
    this.#applied = NOTHING_APPLIED;
    return applied;
  }

  #begin(lane: number, keys: readonly Key[]): void {
    let busy = false;
    const began = performance.now();
    const onBusy = () => {
      busy = true;
    };
    const work = applyKeys({ ...this.#applying, onBusy }, keys)
      .then((applied) => {
        this.#applied = addApplied(this.#applied, applied);
        this.#pace = nextPace(this.#pace, { documents: keys.length, elapsedMs: performance.now() - began, busy });
        this.#onProgress();
      })
      .catch((error: unknown) => {
        this.#failure ??= { error };
      });
    this.#lanes.set(lane, work);
  }

  /** Only when every request has ended: the feed may go on with another pass. */
  async #throwIfFailed(): Promise<void> {
    if (this.#failure === null) return;
    await Promise.all(this.#lanes.values());
    throw this.#failure.error;
  }
}

function laneOf(key: Key, lanes: number): number {
  return createHash('md5').update(JSON.stringify(key)).digest().readUInt32BE() % lanes;
}
