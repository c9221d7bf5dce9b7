import type { DigestEntry } from '@reindeer/connectors';
import { type BucketSet, DigestSum, differingPrefixes, type KeyRange, prefixOf } from '@reindeer/core';
import type { Looking } from './lookAgain.ts';

/** Rows that one statement adds up: two seconds or so. */
const ROWS_AT_ONCE = 1_000_000;
/** A shard of fewer is added up by one statement: finding where to cut it costs as much. */
const WORTH_CUTTING = 3_000_000;

/** In which buckets source and sink differ. */
export interface DigestLook extends BucketSet {
  /** Of the source. */
  readonly rows: number;
  /** Of the sink, by prefix. */
  readonly held: ReadonlyMap<number, number>;
}

/** Adds up both sides of a shard. Yields between the parts, so that a large shard does not look like a standstill. */
export async function* compareDigests(
  looking: Looking,
  how: { readonly bits: number; readonly estimate: number; readonly last: boolean },
  signal: AbortSignal,
): AsyncGenerator<void, DigestLook, undefined> {
  const { source, sink, generation, stampShard } = looking;
  const { bits, estimate } = how;
  const shard = { shard: stampShard, last: how.last };
  const sum = new DigestSum();
  for await (const part of parts(looking, estimate, signal)) {
    sum.add(await source.digest(part, bits, signal));
    yield;
  }
  const rows: readonly DigestEntry[] = sum.entries;
  const held = await sink.digest(generation, shard, bits, signal);
  const prefixes = differingPrefixes(rows, held, bits);
  yield;
  for await (const buckets of sink.edited(generation, shard, signal)) {
    for (const bucket of buckets) prefixes.add(prefixOf(bucket, bits));
    yield;
  }
  return {
    bits,
    prefixes,
    rows: rows.reduce((all, { count }) => all + count, 0),
    held: new Map(held.map(({ prefix, count }) => [prefix, count])),
  };
}

async function* parts(looking: Looking, estimate: number, signal: AbortSignal): AsyncGenerator<KeyRange> {
  const { range, source } = looking;
  const pieces = estimate < WORTH_CUTTING ? 1 : Math.ceil(estimate / ROWS_AT_ONCE);
  let { after } = range;
  for await (const bound of source.boundaries(range, pieces, signal)) {
    yield { after, upTo: bound };
    after = bound;
  }
  yield { after, upTo: range.upTo };
}
