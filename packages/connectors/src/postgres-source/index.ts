export { openPostgresSource, type PostgresSourceOptions } from './open-postgres-source.ts';
