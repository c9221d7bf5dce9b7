/**
 * SQL for: whatever is visible in the snapshot `earlier` is visible in `later` too. Snapshots of one server are totally
 * ordered by this, since each is taken while nothing commits.
 */
export function hasSeen(later: string, earlier: string): string {
  return `(pg_snapshot_xmax(${earlier}) <= pg_snapshot_xmax(${later})
  and not exists (select from pg_snapshot_xip(${later}) as running (xid) where pg_visible_in_snapshot(running.xid, ${earlier})))`;
}

/** Whether fewer transactions had been begun at the first of two snapshots than had ended at the second. */
export function isBefore(one: string, other: string): boolean {
  return upper(one) < upper(other);
}

function upper(snapshot: string): bigint {
  return BigInt(snapshot.split(':')[1] ?? 0);
}
