import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { openTaskQueue, type TaskQueue, type TaskQueueOptions } from '../../../packages/queue/src/index.ts';
import { type FreshDatabase, freshDatabase, freshPrefix, hasRedis, redisUrl } from '../../support/servers.ts';

export interface QueueUnderTest {
  /** Opens another handle of the same queue, as another process would; all are closed after each test. */
  open(options?: Partial<TaskQueueOptions>): Promise<TaskQueue>;
  /** A prefix of its own for each test. */
  readonly prefix: string;
  readonly url: string;
  /** What the handles reported by `onError`. */
  readonly errors: Error[];
}

/** Runs a suite on each of BullMQ's backends. */
export function describeQueue(title: string, suite: (queue: QueueUnderTest) => void): void {
  for (const backend of ['redis', 'postgres'] as const) {
    describe.skipIf(backend === 'redis' && !hasRedis)(`${title} on ${backend}`, () => {
      let database: FreshDatabase | null = null;
      let prefix = freshPrefix('queue');
      let url = '';
      const errors: Error[] = [];
      const opened: TaskQueue[] = [];

      beforeAll(async () => {
        database = backend === 'postgres' ? await freshDatabase('queue') : null;
        url = database?.url ?? redisUrl();
      });
      afterEach(async () => {
        await Promise.all(opened.splice(0).map((queue) => queue.close()));
        prefix = freshPrefix('queue');
        errors.length = 0;
      });
      afterAll(async () => {
        await database?.drop();
      });

      suite({
        async open(options = {}) {
          const queue = await openTaskQueue({ url, prefix, onError: (error) => errors.push(error), ...options });
          opened.push(queue);
          return queue;
        },
        get prefix() {
          return prefix;
        },
        get url() {
          return url;
        },
        errors,
      });
    });
  }
}
