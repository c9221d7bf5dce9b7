import { formatDuration } from '@reindeer/core';
import type { QueueLimit } from '@reindeer/queue';
import { plural } from '../terminal/format.ts';

/** What somebody set on queues in Bull Board, a line each: a run that crawls because of it looks broken otherwise. */
export function limitLines(limits: readonly QueueLimit[]): readonly string[] {
  return limits.map(({ queue, concurrency, rate, waitMs }) => {
    const parts = [
      concurrency === null ? null : `at most ${plural(concurrency, 'job')} at once`,
      rate === null ? null : `at most ${plural(rate.max, 'job')} begun in ${formatDuration(rate.durationMs)}`,
      waitMs === 0 ? null : `nothing begins for another ${formatDuration(waitMs)}`,
    ].filter((part) => part !== null);
    return `The queue ${queue} is limited in Bull Board: ${parts.join('; ')}. Release it there: /queues/queue/${queue}`;
  });
}
