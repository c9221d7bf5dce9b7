/**
 * The ledger schema this code writes, and the oldest it still works with. On a newer one it works as well where the
 * newest migration says so by a line `-- accepts: N`: additive ones do, so that programs can be replaced one by one.
 */
export const SCHEMA_VERSION = 3;
export const OLDEST_ACCEPTED_SCHEMA = 3;
