import type { DocumentStamp } from '@reindeer/core';
import type { StoredDocument } from '../sink.ts';

/** The object field that every document carries beside its body (rule 18). */
export const STAMP = '_reindeer';

/** A bucket is this many bits. */
export const BUCKET_BITS = 20;

const FIELDS = ['s', 'b', 't', 'f1', 'f2'] as const;

/**
 * Indexed with doc values, whatever the rest of the mapping does with fields that it does not know. A query on all
 * fields does not reach it: the engine leaves out names that begin with `_`.
 */
export const STAMP_MAPPING = {
  dynamic: false,
  properties: {
    s: { type: 'integer' },
    b: { type: 'integer' },
    t: { type: 'long' },
    f1: { type: 'long' },
    f2: { type: 'long' },
  },
} as const;

export const STAMP_FIELDS: readonly string[] = FIELDS.map((field) => `${STAMP}.${field}`);

/** Documents with a whole stamp; all others are strangers'. */
export const STAMPED = { bool: { filter: STAMP_FIELDS.map((field) => ({ exists: { field } })) } };

/** Strangers count as shard 0, bucket 0. */
export const STRANGE = { bool: { must_not: [STAMPED] } };

export function stampText({ shard, bucket, ticket, f1, f2 }: DocumentStamp & { f1: number; f2: number }): string {
  return `"${STAMP}":{"s":${shard},"b":${bucket},"t":${ticket},"f1":${f1},"f2":${f2}}`;
}

/** A stamp as it was found, from the document or from its fields; null when a part of it is missing. */
export function readStamp(found: Readonly<Record<string, unknown>> | undefined): StoredDocument['stamp'] {
  if (found === undefined) return null;
  const [shard, bucket, ticket, f1, f2] = FIELDS.map((field) => {
    const value = found[field] ?? found[`${STAMP}.${field}`];
    return Array.isArray(value) ? value[0] : value;
  });
  if (![shard, bucket, ticket, f1, f2].every(Number.isSafeInteger)) return null;
  return { shard, bucket, ticket, f1, f2 } as StoredDocument['stamp'];
}
