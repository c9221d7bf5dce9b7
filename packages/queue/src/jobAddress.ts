import type { Lane } from '@reindeer/core';
import { jobId, queueName } from './names.ts';
import type { TaskKind } from './queue.ts';
import { laneQueue } from './toDeliveries.ts';

/** Where Bull Board shows the job of a task's delivery. */
export function jobAddress(task: {
  readonly index: string;
  readonly lane: Lane;
  readonly nonce: string;
  readonly kind: TaskKind;
  readonly number: number;
  readonly delivery: number;
}): { readonly queue: string; readonly id: string } {
  return { queue: queueName(task.index, laneQueue(task.lane)), id: jobId(task) };
}
