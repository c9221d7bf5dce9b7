import { setTimeout as wait } from 'node:timers/promises';

const REMEMBERED = 20;

/** Asks again and again, as often as it may and the servers let it, and remembers what was wrong with the answers. */
export class Reader {
  readonly problems: string[] = [];
  answers = 0;
  longestMs = 0;
  readonly #everyMs: number;
  readonly #atOnce: number;
  readonly #ask: () => Promise<string | null>;
  readonly #began = performance.now();
  #ended = 0;
  #stopped = false;
  #loops: readonly Promise<void>[] = [];

  /** @param ask gives what is wrong with its answer; null: nothing. What it throws is wrong too. */
  constructor(everyMs: number, atOnce: number, ask: () => Promise<string | null>) {
    this.#everyMs = everyMs;
    this.#atOnce = atOnce;
    this.#ask = ask;
  }

  get rate(): number {
    return (this.answers * 1_000) / ((this.#ended || performance.now()) - this.#began);
  }

  start(): this {
    this.#loops = Array.from({ length: this.#atOnce }, () => this.#loop());
    return this;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#loops);
    this.#ended = performance.now();
  }

  async #loop(): Promise<void> {
    const everyMs = this.#everyMs * this.#atOnce;
    while (!this.#stopped) {
      const began = performance.now();
      const problem = await this.#ask().catch((error: unknown) => String(error));
      const tookMs = performance.now() - began;
      this.answers += 1;
      this.longestMs = Math.max(this.longestMs, tookMs);
      if (problem !== null && this.problems.length < REMEMBERED)
        this.problems.push(`${new Date().toISOString()} ${problem}`);
      await wait(Math.max(0, everyMs - tookMs));
    }
  }
}
