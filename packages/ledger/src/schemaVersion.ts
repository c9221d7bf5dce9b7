/** The ledger schema this code writes, and the oldest it still works with. Migrations are additive within a minor version. */
export const SCHEMA_VERSION = 2;
export const OLDEST_ACCEPTED_SCHEMA = 2;
