import type { Shard } from '../definition.ts';
import type { Key } from '../key.ts';

/** The shards between frozen bounds: n bounds make n + 1 shards, which together are every key there is. */
export function shardRanges(bounds: readonly Key[]): readonly Shard[] {
  return [...bounds, null].map((upTo, shard) => ({ shard, after: bounds[shard - 1] ?? null, upTo }));
}
