import type { Selection } from '../sink.ts';
import { STAMP, STAMPED, STRANGE } from './stamp.ts';

/** Documents with a stamp, of this shard (null: any). */
export function stampedIn(shard: number | null): object {
  const filter = shard === null ? [STAMPED] : [STAMPED, { term: { [`${STAMP}.s`]: shard } }];
  return { bool: { filter } };
}

/** A selection as a query; strangers are in it with shard 0, bucket 0 (rule 18). */
export function selectionQuery({ shard, buckets }: Selection): object {
  const range = { range: { [`${STAMP}.b`]: { gte: buckets.from, lt: buckets.to } } };
  const stamped = { bool: { filter: [stampedIn(shard), range] } };
  const strangers = (shard ?? 0) === 0 && buckets.from <= 0 && buckets.to > 0;
  return { bool: { should: strangers ? [stamped, STRANGE] : [stamped], minimum_should_match: 1 } };
}
