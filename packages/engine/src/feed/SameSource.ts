import { RefusedError } from '@reindeer/core';
import { requireSameSource } from '../identity/requireSameSource.ts';
import type { OwnedFeed } from './ownedFeed.ts';

/**
 * Knows which generations were built from the database that the source is now (rule 16). A process whose configuration leads
 * elsewhere writes nothing of what it finds there to the others; their positions stand still, so that nothing is lost when
 * the address is corrected. A generation that is built anew from there goes on.
 */
export class SameSource {
  readonly #feed: OwnedFeed;
  /** By generation; asked once in a turn. */
  readonly #known = new Map<number, boolean>();

  constructor(feed: OwnedFeed) {
    this.#feed = feed;
  }

  /** Those of `targets` that were built from it. */
  async among<T extends { readonly generation: number; readonly name: string }>(
    targets: readonly T[],
  ): Promise<readonly T[]> {
    for (const { generation, name } of targets)
      if (!this.#known.has(generation)) this.#known.set(generation, await this.#ask({ id: generation, name }));
    return targets.filter(({ generation }) => this.#known.get(generation));
  }

  #ask(generation: { readonly id: number; readonly name: string }): Promise<boolean> {
    const { context, index, signal } = this.#feed;
    return requireSameSource(context, index, generation, signal).then(
      () => true,
      (error: unknown) => {
        if (error instanceof RefusedError && error.reason === 'source-replaced') return false;
        throw error;
      },
    );
  }
}
