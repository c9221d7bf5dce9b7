import { setTimeout as wait } from 'node:timers/promises';
import type { Random } from './Random.ts';

/** How slow an actor is: most are as fast as the servers, some crawl. */
const SLOWNESS = [0, 0.3, 1, 1, 1, 4] as const;

/**
 * The scheduler of a round: it says how long an actor stands still at each of its awaits, so that others come between. All
 * that is left to chance by real servers is how long they themselves take.
 */
export class Pace {
  #slowness: number;
  #hurried = false;
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
    this.#slowness = random.pick(SLOWNESS);
  }

  /** From now on nobody stands still: the round comes to rest. */
  hurry(): void {
    this.#hurried = true;
  }

  async pause(): Promise<void> {
    const ms = this.#next();
    if (ms > 0) await wait(ms);
  }

  /** `usual` ms at most as a rule, now and then up to `long`. */
  async delay(usual: number, long: number, rarely: number): Promise<void> {
    const ms = this.#random.chance(rarely) ? this.#random.between(usual, long) : this.#random.between(0, usual);
    if (ms > 0 && !this.#hurried) await wait(ms);
  }

  #next(): number {
    const random = this.#random;
    if (random.chance(0.04)) this.#slowness = random.pick(SLOWNESS);
    const kind = random.next();
    if (this.#hurried || this.#slowness === 0 || kind < 0.6) return 0;
    const ms = kind < 0.9 ? random.between(1, 3) : kind < 0.98 ? random.between(3, 12) : random.between(12, 40);
    return Math.min(60, Math.round(ms * this.#slowness));
  }
}
