import { setTimeout as wait } from 'node:timers/promises';
import type { RunView } from '@reindeer/core';
import { type Ledger, listRuns, readRun } from '@reindeer/ledger';

const LOOK_MS = 1_000;
/** Open runs at most: each index, lane and shard has one. */
const MAX_OPEN = 500;

type Listener = (run: RunView) => void;

/**
 * Tells of runs as they change. It looks at the ledger once a second for all who listen, and not at all while nobody
 * does. Who begins to listen is told every open run once.
 */
export class RunFeed {
  readonly #ledger: Ledger;
  readonly #onError: (error: unknown) => void;
  /** Those that know nothing yet, and those that know what was told. */
  readonly #listeners = new Map<Listener, 'new' | 'told'>();
  /** What was told of the open runs. */
  readonly #told = new Map<number, string>();
  #looking = false;

  constructor(ledger: Ledger, onError: (error: unknown) => void) {
    this.#ledger = ledger;
    this.#onError = onError;
  }

  /** @returns what ends it. */
  listen(listener: Listener): () => void {
    this.#listeners.set(listener, 'new');
    if (!this.#looking) void this.#goOnLooking();
    return () => this.#listeners.delete(listener);
  }

  async #goOnLooking(): Promise<void> {
    this.#looking = true;
    while (this.#listeners.size > 0) {
      await this.#look().catch(this.#onError);
      await wait(LOOK_MS, undefined, { ref: false });
    }
    this.#told.clear();
    this.#looking = false;
  }

  async #look(): Promise<void> {
    const open = await listRuns(this.#ledger, { open: true, limit: MAX_OPEN });
    const gone = [...this.#told.keys()].filter((run) => !open.some((view) => view.run === run));
    const ended = await Promise.all(gone.map((run) => readRun(this.#ledger, run)));
    const known = [...this.#listeners].filter(([, knows]) => knows === 'told');
    for (const view of open) {
      const { state, reason, documents, slices } = view;
      const now = JSON.stringify([state, reason, documents, slices]);
      const changed = this.#told.get(view.run ?? 0) !== now;
      this.#told.set(view.run ?? 0, now);
      for (const [listener, knows] of this.#listeners) if (changed || knows === 'new') listener(view);
    }
    for (const view of ended) if (view !== null) for (const [listener] of known) listener(view);
    for (const run of gone) this.#told.delete(run);
    for (const listener of this.#listeners.keys()) this.#listeners.set(listener, 'told');
  }
}
