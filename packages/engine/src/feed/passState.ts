import type { Position } from '@reindeer/connectors';
import { stableJson } from '@reindeer/core';
import type { FeedTarget, PassStart, StoredPosition } from '@reindeer/ledger';

/** How far a long pass has come: whoever takes it on goes on there, with the same targets at the same positions. */
export interface PassState {
  readonly at: string;
  readonly snapshot: string;
  readonly since: readonly { readonly generation: number; readonly position: StoredPosition }[];
  readonly incarnations: readonly string[];
  readonly upTo: Position;
  /** Where it goes on: a `placeText`. */
  readonly place: string;
  readonly owed: readonly string[];
}

/** The pass that was left, if it can be gone on with: nothing has joined, left, moved or been sent back since. */
export function leftPass(start: PassStart): PassState | null {
  if (start.left === null) return null;
  const state = JSON.parse(start.left) as PassState;
  const sameSinks = start.targets.every(
    ({ incarnation }, place) => incarnation === null || incarnation === state.incarnations[place],
  );
  // The ledger gives an object's members back in an order of its own.
  const samePlaces = stableJson(state.since) === stableJson(sinceOf(start.targets));
  return sameSinks && samePlaces ? state : null;
}

export function sinceOf(targets: readonly FeedTarget[]): PassState['since'] {
  return targets.map(({ generation, position }) => ({ generation, position }));
}

/** Where they are in the source's log, in its own words. */
export function positionsOf(targets: readonly FeedTarget[]): readonly Position[] {
  return targets.map(({ position }) => position as unknown as Position);
}
