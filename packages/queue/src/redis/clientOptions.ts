import type { RedisOptions } from 'ioredis';

/** Without the option that changes the types of replies. */
export type ClientOptions = Omit<RedisOptions, 'replyMapping'>;

/** Reconnects after 100 ms, doubling to 2 s: ioredis and BullMQ would wait up to 5 s and 20 s. */
function retryStrategy(times: number): number {
  return Math.min(2_000, 100 * 2 ** Math.min(times - 1, 6));
}

/** For questions and additions: they fail after about 15 s without a server instead of piling up in memory. */
export const ASKING: ClientOptions = { retryStrategy, maxRetriesPerRequest: 10, connectTimeout: 5_000 };

/** For workers, which wait for as long as it takes; BullMQ insists on null. */
export const WORKING: ClientOptions = { retryStrategy, maxRetriesPerRequest: null, connectTimeout: 5_000 };
