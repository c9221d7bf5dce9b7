export { checkPostgresModified, type ModifiedCheck } from './checkModified.ts';
export { openPostgresSource, type PostgresSourceOptions } from './openPostgresSource.ts';
export { openSourcePool } from './openSourcePool.ts';
