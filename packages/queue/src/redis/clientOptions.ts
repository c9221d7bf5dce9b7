import type { RedisOptions } from 'ioredis';

/** Without the option that changes the types of replies. */
export type ClientOptions = Omit<RedisOptions, 'replyMapping'>;

/** The longest wait between two attempts to connect again. ioredis would wait up to 5 s, and BullMQ up to 20 s. */
export const MAX_RETRY_DELAY_MS = 2_000;

/** Connects again after 100 ms, doubling up to the longest wait. */
export function retryStrategy(times: number): number {
  return Math.min(MAX_RETRY_DELAY_MS, 100 * 2 ** Math.min(times - 1, 6));
}

/** For questions and additions: they fail after about 15 s without a server instead of piling up in memory. */
export const ASKING: ClientOptions = { retryStrategy, maxRetriesPerRequest: 10, connectTimeout: 5_000 };

/** For workers, which wait for as long as it takes; BullMQ insists on null. */
export const WORKING: ClientOptions = { retryStrategy, maxRetriesPerRequest: null, connectTimeout: 5_000 };
