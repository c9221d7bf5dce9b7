export { openTaskQueue } from './openTaskQueue.ts';
export type * from './queue.ts';
