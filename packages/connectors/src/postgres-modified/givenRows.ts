import type { Position } from '../source.ts';
import type { ModifiedRow } from './modifiedPage.ts';

/** Rows that one pass has come upon, by key, each with its version. */
export type GivenRows = ReadonlyMap<string, string>;

/**
 * What the last passes gave. Between the bound and now lie rows that every pass comes upon, whether they changed since
 * the last one or not: without this, the rows of the last minutes would be read and written by each pass.
 *
 * A row is left out only if the pass goes on from the very position that an earlier one led to, so that one was applied
 * whole, and the row is of the version that was given then: since it is so still, it was so when the feed read it after
 * that page. Nothing is concluded from what a sink holds (rule 5): a feed that goes back, for a sink that has lost
 * something or to send deletes again, goes on from an older position and gets everything.
 */
export class GivenMemory {
  readonly #maxRows: number;
  readonly #maxPasses: number;
  #passes: readonly { readonly at: string; readonly rows: GivenRows }[] = [];

  constructor(maxRows = 200_000, maxPasses = 3) {
    this.#maxRows = maxRows;
    this.#maxPasses = maxPasses;
  }

  /** Rows that whoever is at all these positions has been given; null: not known. */
  since(positions: readonly Position[]): GivenRows | null {
    const [first] = positions;
    if (first === undefined || positions.some(({ at }) => at !== first.at)) return null;
    return this.#passes.find(({ at }) => at === first.at)?.rows ?? null;
  }

  /** Collects what a pass comes upon. */
  pass(upTo: Position): GivenCollector {
    return new GivenCollector(this.#maxRows, (rows) => this.#keep(upTo.at, rows));
  }

  #keep(at: string, rows: GivenRows): void {
    let left = this.#maxRows;
    this.#passes = [{ at, rows }, ...this.#passes.filter((pass) => pass.at !== at)]
      .slice(0, this.#maxPasses)
      .filter((pass) => {
        left -= pass.rows.size;
        return left >= 0;
      });
  }
}

/** One pass as it goes. */
export class GivenCollector {
  readonly #maxRows: number;
  readonly #keep: (rows: GivenRows) => void;
  #rows: Map<string, string> | null = new Map();

  constructor(maxRows: number, keep: (rows: GivenRows) => void) {
    this.#maxRows = maxRows;
    this.#keep = keep;
  }

  /** A row that was given, or was left out because it had been. */
  add({ key, version }: ModifiedRow): void {
    if (this.#rows === null || version === null) return;
    this.#rows.set(keyOf(key), version);
    if (this.#rows.size > this.#maxRows) this.#rows = null;
  }

  /** The last page was given. What is too much to hold is all given again. */
  end(): void {
    if (this.#rows !== null) this.#keep(this.#rows);
  }
}

export function wasGiven(given: GivenRows | null, { key, version }: ModifiedRow): boolean {
  return given !== null && version !== null && given.get(keyOf(key)) === version;
}

function keyOf(key: readonly string[]): string {
  return JSON.stringify(key);
}
