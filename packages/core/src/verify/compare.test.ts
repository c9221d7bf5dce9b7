import { expect, it } from 'vitest';
import type { StoredDocument } from '../operation.ts';
import { staleness } from './compare.ts';

const row = { f1: 1, f2: 4_294_967_295 };
const written: StoredDocument = { id: '7', version: 50, stamp: { shard: 3, bucket: 9, ticket: 50, ...row } };
const stamped = (change: Partial<NonNullable<StoredDocument['stamp']>>): StoredDocument => ({
  ...written,
  stamp: { shard: 3, bucket: 9, ticket: 50, ...row, ...change },
});

it.each<[string, StoredDocument, number | null, string | null]>([
  ['what a write of this row left', written, 3, null],
  ['an older row', stamped({ f1: 2 }), 3, 'written from an older row'],
  ['an older row by its second hash alone', stamped({ f2: 0 }), 3, 'written from an older row'],
  ['an edit in place', { ...written, version: 51 }, 3, 'edited in place'],
  ['a copy of the stamp onto an older version', { ...written, version: 1 }, 3, 'edited in place'],
  ['no stamp', { ...written, stamp: null }, 3, 'overwritten'],
  ['another shard', written, 2, 'written for shard 3'],
  ['another shard where there is only one', written, null, null],
])('%s', (_, stored, shard, expected) => {
  const found = staleness(row, stored, shard);
  if (expected === null) expect(found).toBeNull();
  else expect(found).toContain(expected);
});
