/**
 * Which acknowledged batches are covered: with several in flight, only a prefix without a gap may become the cursor (I2).
 * Memory is bounded by the batches in flight.
 */
export class PrefixTracker<T> {
  #next = 0;
  #begun = 0;
  readonly #waiting = new Map<number, T>();

  /** A batch is under way. Sequences count from 0 without a gap. */
  begin(sequence: number): void {
    if (sequence !== this.#begun) throw new Error(`Batch ${sequence} begun, ${this.#begun} expected.`);
    this.#begun += 1;
  }

  /** A batch is durably in the sink. @returns what is covered now and was not before, in order. */
  acknowledge(sequence: number, result: T): readonly T[] {
    if (sequence < this.#next || sequence >= this.#begun || this.#waiting.has(sequence)) {
      throw new Error(`Batch ${sequence} acknowledged, which is not under way.`);
    }
    this.#waiting.set(sequence, result);
    const covered: T[] = [];
    for (;;) {
      const head = this.#waiting.get(this.#next);
      if (head === undefined && !this.#waiting.has(this.#next)) return covered;
      covered.push(head as T);
      this.#waiting.delete(this.#next);
      this.#next += 1;
    }
  }
}
