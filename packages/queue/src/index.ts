export * from './jobAddress.ts';
export type { QueueLimit } from './limits.ts';
export { openTaskQueue } from './openTaskQueue.ts';
export type * from './queue.ts';
export * from './toDeliveries.ts';
