export * from './startScheduler.ts';
