/** How long a wait for other actors takes at most for each step, where nobody takes any. */
const MS_PER_STEP = 2;
const MAX_MS = 600;

interface Waiting {
  readonly at: number;
  readonly go: () => void;
}

/**
 * The time of a round: steps that all its actors have taken. What is to come late comes a number of steps late, so that
 * the same happens meanwhile on a machine that is slow.
 */
export class Clock {
  #now = 0;
  #hurried = false;
  #waiting: Waiting[] = [];

  step(): void {
    this.#now += 1;
    if (this.#waiting.length === 0) return;
    const due = this.#waiting.filter(({ at }) => at <= this.#now);
    for (const { go } of due) go();
  }

  /** From now on nobody waits for anybody: the round comes to rest. */
  hurry(): void {
    this.#hurried = true;
    for (const { go } of this.#waiting) go();
  }

  async wait(steps: number): Promise<void> {
    if (this.#hurried || steps <= 0) return;
    await new Promise<void>((resolve) => {
      const go = () => {
        clearTimeout(timer);
        this.#waiting = this.#waiting.filter((one) => one !== waiting);
        resolve();
      };
      const timer = setTimeout(go, Math.min(MAX_MS, steps * MS_PER_STEP));
      const waiting = { at: this.#now + steps, go };
      this.#waiting.push(waiting);
    });
  }
}
