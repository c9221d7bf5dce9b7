/** The ways of keeping an index right. */
export const LANES = ['rebuild', 'refresh', 'verify', 'incremental'] as const;
export type Lane = (typeof LANES)[number];

/** The shard number of a run on the whole index (I5). */
export const WHOLE_INDEX = -1;
