/**
 * The ways of keeping an index right. `incremental` is the feed, one tailing run for each index; `promote` makes a
 * generation live by hand, also one that was live before.
 */
export const LANES = ['rebuild', 'refresh', 'verify', 'incremental', 'promote'] as const;
export type Lane = (typeof LANES)[number];

/** Lanes that compare the live generation with the source, each shard in a run of its own. */
export const SHARD_LANES = ['refresh', 'verify'] as const satisfies readonly Lane[];
export type ShardLane = (typeof SHARD_LANES)[number];

export function isShardLane(lane: Lane): lane is ShardLane {
  return (SHARD_LANES as readonly Lane[]).includes(lane);
}

/**
 * What a run takes, so that no two are open at once (I5). Where changes are not followed, all lanes that work in place
 * share it: nothing else would keep a verify from reading what a refresh is about to write. An owed refresh of a
 * generation that is not live takes a place of its own.
 */
export function placeOf(lane: Lane, { apart = false, generation = null }: PlaceOptions = {}): string {
  if (!isShardLane(lane)) return lane;
  const place = apart ? lane : 'in-place';
  return generation === null ? place : `${place} ${generation}`;
}

export interface PlaceOptions {
  /** Changes are followed, so refresh and verify of a shard may run side by side. Default false. */
  readonly apart?: boolean;
  /** The generation of an owed refresh, where it is not the live one. Default null. */
  readonly generation?: number | null;
}

/** The shard number of a run on the whole index (I5). */
export const WHOLE_INDEX = -1;
