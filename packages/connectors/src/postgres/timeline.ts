/**
 * SQL for the timeline of a primary. The control file learns of a promotion only at its next checkpoint, the name of the
 * WAL's file at once.
 */
export const TIMELINE = `('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int`;
