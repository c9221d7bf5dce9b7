import type { KeyRange } from '@reindeer/core';
import type { PlannedSlice } from '@reindeer/ledger';

/**
 * One slice for each shard that compares it with the source by digests. In a rebuild they follow the slices that wrote:
 * their tallies are empty, and what they find is in their differences alone.
 * @param estimate rows of a shard
 * @param before the number of the last slice that the run has; 0: none
 */
export function digestSlices(
  shards: readonly (KeyRange & { readonly shard: number })[],
  estimate: number,
  before = 0,
): readonly PlannedSlice[] {
  return shards.map(({ shard, after, upTo }, at) => ({
    number: before + at + 1,
    shard,
    work: 'digest',
    after,
    upTo,
    estimate,
  }));
}
