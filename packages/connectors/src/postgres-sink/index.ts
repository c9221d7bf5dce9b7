export { openPostgresSink, type PostgresSinkOptions } from './open-postgres-sink.ts';
