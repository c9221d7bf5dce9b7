export { inspectLog } from './inspectLog.ts';
export { installLog, installSql, removeLog, removeSql } from './installLog.ts';
export type { LogFinding } from './logFinding.ts';
export { type LogInstallation, logInstallation } from './logInstallation.ts';
export { DEFAULT_LOG_SCHEMA } from './logSchemaSql.ts';
export { type LogTarget, type LogTargetOptions, logTarget } from './logTarget.ts';
export { openChangeLog } from './openChangeLog.ts';
export { openLogPool } from './openLogPool.ts';
