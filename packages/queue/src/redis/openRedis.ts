import { InputError } from '@reindeer/core';
import { Queue } from 'bullmq';
import type { Backend } from '../backend.ts';
import { answered, isUntrusted, unavailable } from '../errors/answered.ts';
import { JobWorker } from '../jobWorker.ts';
import { processName } from '../names.ts';
import { ASKING, WORKING } from './clientOptions.ts';
import { redisFindings } from './health.ts';
import { type RedisClient, redisClient } from './redisClient.ts';
import { type RedisServer, redisServer } from './redisServer.ts';

export interface RedisBackendOptions {
  readonly url: string;
  readonly prefix: string;
  /** The app, as CLIENT LIST is to show it. */
  readonly clientName: string;
  readonly onError: (error: unknown) => void;
}

/**
 * One client for all questions, and one for all workers beside the blocking one that BullMQ gives to each of them.
 * @throws UnavailableError when the server does not answer within 10 s; InputError for a url or a prefix that cannot be.
 */
export async function openRedis({ url, prefix, clientName, onError }: RedisBackendOptions): Promise<Backend> {
  const server = redisServer(url);
  const { mode, asking } = await openAsking(server, prefix, clientName, onError);
  let working: RedisClient | null = null;
  const epochKey = `${prefix}:reindeer:epoch`;

  return {
    kind: 'redis',
    queue: (name) => new Queue(name, { connection: asking, prefix }),
    worker(name, process, options) {
      working ??= redisClient(server, mode, { ...WORKING, connectionName: processName(`${clientName}:work`) }, onError);
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

/** A server in cluster mode is asked by a client that follows the slot of the prefix when it moves. */
async function openAsking(
  server: RedisServer,
  prefix: string,
  clientName: string,
  onError: (error: unknown) => void,
): Promise<{ readonly mode: 'single' | 'cluster'; readonly asking: RedisClient }> {
  const options = { ...ASKING, connectionName: processName(`${clientName}:ask`) };
  const single = await opened((onClientError) => redisClient(server, 'single', options, onClientError), onError);
  try {
    if (!(await hasOtherNodes(single, prefix))) return { mode: 'single', asking: single };
  } catch (error) {
    single.disconnect();
    throw error;
  }
  single.disconnect();
  const asking = await opened((onClientError) => redisClient(server, 'cluster', options, onClientError), onError);
  return { mode: 'cluster', asking };
}

/**
 * Whether the keys may be, or come to be, on another node than the one that was named.
 * @throws InputError `queue-prefix` for a cluster in which the keys would be scattered.
 */
async function hasOtherNodes(client: RedisClient, prefix: string): Promise<boolean> {
  if (!/^cluster_enabled:1/m.test(await answered('be opened', client.info('cluster')))) return false;
  if (!/\{[^{}]+\}/.test(prefix)) {
    const place = `queue.prefix ${JSON.stringify(prefix)} has no hash tag, and this Redis is a cluster`;
    throw new InputError('queue-prefix', `${place}: its keys must be in one slot. Write it as {${prefix}}.`);
  }
  // A node that is alone does not know its own address, and so cannot tell it to a client that asks where slots are.
  const info = String(await answered('be opened', client.cluster('INFO')));
  return !/^cluster_known_nodes:1\r?$/m.test(info);
}

async function opened(
  make: (onError: (error: unknown) => void) => RedisClient,
  onError: (error: unknown) => void,
): Promise<RedisClient> {
  let lastError: unknown;
  const refused = Promise.withResolvers<never>();
  refused.promise.catch(() => {});
  const client = make((error) => {
    lastError = error;
    // No later attempt ends otherwise: nobody has to wait for it.
    if (error instanceof Error && isUntrusted(error)) refused.reject(error);
    else onError(error);
  });
  try {
    await answered('be opened', Promise.race([client.ping(), refused.promise]));
    return client;
  } catch (error) {
    client.disconnect();
    // It says why; the other one only that time is up.
    throw lastError instanceof Error ? unavailable('be opened', lastError) : error;
  }
}
