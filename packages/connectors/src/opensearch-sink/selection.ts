import type { Selection } from '../sink.ts';
import { BUCKET_BITS, STAMP, STAMPED, STRANGE } from './stamp.ts';

/** Documents with a stamp, of this shard (null: any). */
export function stampedIn(shard: number | null): object {
  const filter = shard === null ? [STAMPED] : [STAMPED, { term: { [`${STAMP}.s`]: shard } }];
  return { bool: { filter } };
}

/** A selection as a query; strangers are in it with shard 0, bucket 0 (rule 18). */
export function selectionQuery({ shard, last = false, buckets }: Selection): object {
  const range = {
    ...(buckets.from > 0 ? { gte: buckets.from } : {}),
    ...(buckets.to < 2 ** BUCKET_BITS ? { lt: buckets.to } : {}),
  };
  const shards = {
    ...(shard !== null && shard > 0 ? { gte: shard } : {}),
    ...(shard !== null && !last ? { lte: shard } : {}),
  };
  const stamped = {
    bool: { filter: [STAMPED, { range: { [`${STAMP}.s`]: shards } }, { range: { [`${STAMP}.b`]: range } }] },
  };
  const strangers = (shard ?? 0) === 0 && buckets.from <= 0 && buckets.to > 0;
  return { bool: { should: strangers ? [stamped, STRANGE] : [stamped], minimum_should_match: 1 } };
}
