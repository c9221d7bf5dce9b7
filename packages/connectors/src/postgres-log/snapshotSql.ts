/**
 * SQL for: whatever is visible in the snapshot `earlier` is visible in `later` too. Snapshots of one server are totally
 * ordered by this, since each is taken while nothing commits.
 */
export function hasSeen(later: string, earlier: string): string {
  return `(pg_snapshot_xmax(${earlier}) <= pg_snapshot_xmax(${later})
  and not exists (select from pg_snapshot_xip(${later}) as running (xid) where pg_visible_in_snapshot(running.xid, ${earlier})))`;
}
