import type { Queue } from 'bullmq';

/** What somebody set on a queue in Bull Board that keeps its jobs waiting although nothing is paused. */
export interface QueueLimit {
  readonly queue: string;
  /** null: the `ticks` of every index. */
  readonly index: string | null;
  /** Jobs under way at once, over all workers; null: as many as there are slots. */
  readonly concurrency: number | null;
  /** Jobs begun in a time, over all workers; null: no limit. */
  readonly rate: { readonly max: number; readonly durationMs: number } | null;
  /** Nothing is begun for this long now, because the rate is used up; 0: something may be. */
  readonly waitMs: number;
}

/** The limits of a queue; null when there is none. Reindeer sets none itself: it bounds by slots and batches. */
export async function readLimit(name: string, index: string | null, queue: Queue): Promise<QueueLimit | null> {
  const [concurrency, rate, ttlMs] = await Promise.all([
    queue.getGlobalConcurrency(),
    queue.getGlobalRateLimit(),
    queue.getRateLimitTtl(),
  ]);
  const waitMs = Math.max(0, ttlMs);
  if (concurrency === null && rate === null && waitMs === 0) return null;
  return {
    queue: name,
    index,
    concurrency,
    rate: rate === null ? null : { max: rate.max, durationMs: rate.duration },
    waitMs,
  };
}
