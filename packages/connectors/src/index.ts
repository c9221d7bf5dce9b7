export type * from './checkChanges.ts';
export * from './openConnections.ts';
export * from './postgres-log/index.ts';
export type * from './sink.ts';
export type * from './source.ts';
