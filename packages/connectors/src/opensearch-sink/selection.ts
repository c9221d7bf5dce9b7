import type { Selection, ShardSelection } from '../sink.ts';
import { BUCKET_BITS, STAMP, STAMPED, STRANGE } from './stamp.ts';

/** Documents with a stamp, of this shard (null: any). */
export function stampedIn(shard: ShardSelection): object {
  return { bool: { filter: [STAMPED, { range: { [`${STAMP}.s`]: shardBounds(shard) } }] } };
}

/** Shards that there are not belong to the nearest: those below 0 to shard 0, those above to the last. */
function shardBounds({ shard, last = false }: ShardSelection): object {
  return {
    ...(shard !== null && shard > 0 ? { gte: shard } : {}),
    ...(shard !== null && !last ? { lte: shard } : {}),
  };
}

/** A selection as a query; strangers are in it with shard 0, bucket 0 (rule 18). */
export function selectionQuery({ buckets, ...ofShard }: Selection): object {
  const range = {
    ...(buckets.from > 0 ? { gte: buckets.from } : {}),
    ...(buckets.to < 2 ** BUCKET_BITS ? { lt: buckets.to } : {}),
  };
  const stamped = {
    bool: { filter: [stampedIn(ofShard), { range: { [`${STAMP}.b`]: range } }] },
  };
  const strangers = (ofShard.shard ?? 0) === 0 && buckets.from <= 0 && buckets.to > 0;
  return { bool: { should: strangers ? [stamped, STRANGE] : [stamped], minimum_should_match: 1 } };
}
