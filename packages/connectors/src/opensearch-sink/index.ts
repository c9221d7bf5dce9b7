export * from './openOpenSearchSink.ts';
