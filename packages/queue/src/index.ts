export { openTaskQueue } from './openTaskQueue.ts';
export type * from './queue.ts';
export * from './toDeliveries.ts';
