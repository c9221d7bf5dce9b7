import type { Shard } from '../definition.ts';
import { type Key, WHOLE_RANGE } from '../key.ts';
import { contiguousRanges } from './ranges.ts';

/** The shards between frozen bounds: n bounds make n + 1 shards, which together are every key there is. */
export function shardRanges(bounds: readonly Key[]): readonly Shard[] {
  return contiguousRanges(WHOLE_RANGE, bounds).map((range, shard) => ({ shard, ...range }));
}
