import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from './Clock.ts';
import type { Random } from './Random.ts';

/** Kinds of actors: some are as fast as the servers, so that they overtake others; some are held up at every turn. */
const KINDS = [
  { slowness: [0], stalls: 0 },
  { slowness: [0, 0.5, 1, 1, 3], stalls: 0.12 },
  { slowness: [0.5, 1], stalls: 0.5 },
] as const;

/**
 * The scheduler of a round: it says how long an actor stands still at each of its awaits, so that others come between. All
 * that is left to chance by real servers is how long they themselves take.
 */
export class Pace {
  readonly #kind: (typeof KINDS)[number];
  #slowness: number;
  #hurried = false;
  readonly #random: Random;
  readonly #clock: Clock;

  constructor(random: Random, clock: Clock) {
    this.#random = random;
    this.#clock = clock;
    this.#kind = random.pick(KINDS);
    this.#slowness = random.pick<number>(this.#kind.slowness);
  }

  /** From now on it stands still no more. */
  hurry(): void {
    this.#hurried = true;
  }

  /** At any await. */
  async pause(): Promise<void> {
    this.#clock.step();
    const random = this.#random;
    if (random.chance(0.04)) this.#slowness = random.pick<number>(this.#kind.slowness);
    const kind = random.next();
    if (this.#hurried || this.#slowness === 0 || kind < 0.7) return;
    const ms = kind < 0.93 ? random.between(1, 3) : random.between(3, 12);
    await wait(Math.round(ms * this.#slowness));
  }

  /** Where the order of two things is all that matters: now and then as long as others need for a few things. */
  async stall(steps: number): Promise<void> {
    if (!this.#random.chance(this.#kind.stalls) || this.#hurried) return this.pause();
    await this.#clock.wait(this.#random.between(1, steps));
  }

  /** On the way of what may be late: `steps`, at most. @param onLate called at its beginning, where that is long */
  async delay(late: { readonly rarely: number; readonly steps: number; readonly onLate: (() => void) | null }) {
    if (!this.#random.chance(late.rarely) || this.#hurried) return this.pause();
    // What nobody takes over in its place would only keep everybody waiting.
    const least = late.onLate === null ? 1 : late.steps / 2;
    late.onLate?.();
    await this.#clock.wait(this.#random.between(Math.ceil(least), late.steps));
  }
}
