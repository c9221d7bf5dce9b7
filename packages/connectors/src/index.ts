export type * from './checkChanges.ts';
export * from './openConnections.ts';
export { mayNotConnect } from './postgres/mayNotConnect.ts';
export * from './postgres-log/index.ts';
export type * from './sink.ts';
export type * from './source.ts';
