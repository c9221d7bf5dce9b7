export * from './openConnections.ts';
export type * from './sink.ts';
export type * from './source.ts';
