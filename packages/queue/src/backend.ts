import type { Job, Processor, Queue, WorkerOptions } from 'bullmq';
import type { JobWorker } from './jobWorker.ts';
import type { QueueFinding } from './queue.ts';

/** What differs between Redis and PostgreSQL beneath BullMQ. Errors of its connections go to the listener it was opened with. */
export interface Backend {
  readonly kind: 'redis' | 'postgres';
  /** A new Queue; the caller closes it. */
  queue(name: string): Queue;
  /** A new worker, already fetching; the caller closes it. */
  worker(name: string, process: Processor<unknown, unknown, string>, options: JobWorkerOptions): JobWorker;
  /** Those of the job ids that are in the queue and neither completed nor failed. */
  unfinished(queue: Queue, ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Sees to it that a job about to be given back does not come before those that wait, as it would by its age on PostgreSQL. */
  behindOthers(job: Job, token: string | undefined): Promise<void>;
  /** Runs `work` while no other process does, where BullMQ's schedule operations are not atomic in themselves. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  epoch(): Promise<string | null>;
  /** Also makes again what was lost with the old epoch and is needed before anything can be added. */
  setEpoch(epoch: string): Promise<void>;
  ping(): Promise<void>;
  health(): Promise<readonly QueueFinding[]>;
  close(): Promise<void>;
}

export type JobWorkerOptions = Omit<WorkerOptions, 'connection' | 'prefix'>;
