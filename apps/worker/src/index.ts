export * from './startWorker.ts';
