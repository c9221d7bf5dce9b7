export { openPostgresSink, type PostgresSinkOptions } from './openPostgresSink.ts';
