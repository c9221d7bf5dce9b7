import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import type { Backend } from '../backend.ts';
import { answered, unavailable } from '../errors/answered.ts';
import { JobWorker } from '../jobWorker.ts';
import { ASKING, type ClientOptions, WORKING } from './clientOptions.ts';
import { redisFindings } from './health.ts';

/**
 * One client for all questions, and one for all workers beside the blocking one that BullMQ gives to each of them.
 * @throws UnavailableError when the server does not answer within 10 s.
 */
export async function openRedis(url: string, prefix: string, onError: (error: unknown) => void): Promise<Backend> {
  let lastError: unknown;
  const asking = client(url, { ...ASKING, connectionName: `${prefix}:ask` }, (error) => {
    lastError = error;
    onError(error);
  });
  let working: Redis | null = null;
  try {
    await answered('be opened', asking.ping());
  } catch (error) {
    asking.disconnect();
    // It says why; the other one only that time is up.
    throw lastError instanceof Error ? unavailable('be opened', lastError) : error;
  }
  const epochKey = `${prefix}:reindeer:epoch`;

  return {
    kind: 'redis',
    queue: (name) => new Queue(name, { connection: asking, prefix }),
    worker(name, process, options) {
      working ??= client(url, { ...WORKING, connectionName: `${prefix}:work` }, onError);
      return new JobWorker(name, process, { ...options, connection: working, prefix }, undefined);
    },
    async unfinished(queue, ids) {
      // A field of the job's hash, not BullMQ's state: that searches the waiting list from its start, for each id.
      const pipeline = asking.pipeline();
      for (const id of ids) pipeline.hmget(queue.toKey(id), 'timestamp', 'finishedOn');
      const replies = (await pipeline.exec()) ?? [];
      const found = new Set<string>();
      replies.forEach(([error, fields], at) => {
        if (error) throw error;
        const [added, finished] = fields as (string | null)[];
        const id = ids[at];
        if (id !== undefined && added !== null && finished === null) found.add(id);
      });
      return found;
    },
    // Redis puts a delayed job that is due at the end of the list.
    behindOthers: async () => undefined,
    // Each of BullMQ's operations on Redis is one atomic script.
    exclusively: (work) => work(),
    epoch: () => asking.get(epochKey),
    async setEpoch(epoch) {
      await asking.set(epochKey, epoch);
    },
    async ping() {
      await asking.ping();
    },
    health: async () => redisFindings(await asking.info()),
    async close() {
      asking.disconnect();
      working?.disconnect();
    },
  };
}

function client(url: string, options: ClientOptions, onError: (error: unknown) => void): Redis {
  const redis = new Redis(url, options);
  redis.on('error', (error: unknown) => onError(error));
  return redis;
}
