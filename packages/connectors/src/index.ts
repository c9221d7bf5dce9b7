export * from './openConnections.ts';
export * from './postgres-log/index.ts';
export { type ModifiedExactness, type ModifiedTarget, modifiedBound } from './postgres-modified/index.ts';
export type * from './sink.ts';
export type * from './source.ts';
