export {
  type FollowedColumn,
  type FollowedLog,
  openPostgresSource,
  type PostgresSourceOptions,
} from './openPostgresSource.ts';
export { openSourcePool } from './openSourcePool.ts';
