export { openPostgresSink, type PostgresSinkOptions } from './openPostgresSink.ts';
export { openSinkPool } from './openSinkPool.ts';
