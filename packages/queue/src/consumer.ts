import type { Processor } from 'bullmq';
import type { Backend, JobWorkerOptions } from './backend.ts';
import { isLockLost } from './errors/isLockLost.ts';
import type { Consumer } from './queue.ts';

/** Where a consumer's errors go, and how long its locks last. */
export interface ConsumerSettings {
  /** What the server's list of connections, and Bull Board's of workers, show. */
  readonly name: string;
  readonly lockDurationMs: number;
  readonly stalledIntervalMs: number;
  readonly report: (error: unknown) => void;
  readonly debug: (error: unknown) => void;
}

/** What a processor needs to know of its consumer. */
export interface ConsumerState {
  readonly stopping: boolean;
  /** Aborted by `kill`. */
  readonly killed: AbortSignal;
}

/** Starts a worker on a queue. `makeProcessor` must return a function of three declared parameters: BullMQ counts them. */
export function startConsumer(
  backend: Backend,
  queue: string,
  options: Pick<JobWorkerOptions, 'concurrency' | 'maxStartedAttempts'>,
  settings: ConsumerSettings,
  makeProcessor: (state: ConsumerState) => Processor<unknown, unknown, string>,
): Consumer {
  const killing = new AbortController();
  const state = { stopping: false, killed: killing.signal };
  const worker = backend.worker(queue, makeProcessor(state), {
    ...options,
    name: settings.name,
    lockDuration: settings.lockDurationMs,
    stalledInterval: settings.stalledIntervalMs,
    // The ledger decides when a task has been tried often enough; BullMQ's default of 1 would fail it at the second death.
    maxStalledCount: 1_000,
    // After a broken connection; BullMQ's default of 15 s would keep a worker idle long after the server is back.
    runRetryDelay: 1_000,
  });
  worker.on('error', (error) => (isLockLost(error) ? settings.debug(error) : settings.report(error)));

  let stopped: Promise<void> | null = null;
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  return {
    stop() {
      state.stopping = true;
      // BullMQ goes on waiting for a server that is away; whoever then ends this by force is done with both.
      stopped ??= Promise.race([worker.close(), ended]);
      return stopped;
    },
    async kill() {
      state.stopping = true;
      killing.abort(new Error('the consumer was ended by force'));
      await worker.kill();
      end();
    },
  };
}
