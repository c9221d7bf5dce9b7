/** The ways of keeping an index right. */
export const LANES = ['rebuild', 'refresh', 'verify', 'incremental'] as const;
export type Lane = (typeof LANES)[number];

/** Lanes that compare the live generation with the source, each shard in a run of its own. */
export const SHARD_LANES = ['refresh', 'verify'] as const satisfies readonly Lane[];
export type ShardLane = (typeof SHARD_LANES)[number];

export function isShardLane(lane: Lane): lane is ShardLane {
  return (SHARD_LANES as readonly Lane[]).includes(lane);
}

/**
 * What a run takes, so that no two are open at once (I5). While the source's changes are not followed, all lanes that
 * work in place share it: nothing else would keep a verify from reading what a refresh is about to write.
 */
export function placeOf(lane: Lane): string {
  return isShardLane(lane) ? 'in-place' : lane;
}

/** The shard number of a run on the whole index (I5). */
export const WHOLE_INDEX = -1;
