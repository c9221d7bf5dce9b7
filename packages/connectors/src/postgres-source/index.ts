export { openPostgresSource, type PostgresSourceOptions } from './openPostgresSource.ts';
