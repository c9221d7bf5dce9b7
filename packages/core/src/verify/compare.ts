import type { StoredDocument } from '../operation.ts';

/** A row as it is compared: by its fingerprint. */
interface Row {
  readonly f1: number;
  readonly f2: number;
}

/**
 * How a stored document differs from its row, in words without contents; null when it is what a write of this row left.
 * A version that is not the stamp's ticket is somebody's edit in place: engines raise the version and keep the stamp
 * (rule 18). `shard` null: the stamp's shard is not looked at, because the generation has only one.
 */
export function staleness(row: Row, stored: StoredDocument, shard: number | null): string | null {
  const { stamp, version } = stored;
  if (stamp === null) return 'overwritten by something else than Reindeer';
  if (stamp.ticket !== version) return 'edited in place: its version is not the one that was written';
  if (stamp.f1 !== row.f1 || stamp.f2 !== row.f2) return 'written from an older row, or by another definition';
  if (shard !== null && stamp.shard !== shard) return `written for shard ${stamp.shard}`;
  return null;
}
