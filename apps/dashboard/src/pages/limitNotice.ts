import { formatDuration } from '@reindeer/core';
import type { QueueLimit } from '@reindeer/queue';
import { type Html, html } from './html.ts';
import { plural } from './plural.ts';

/** What somebody set on a queue in Bull Board: a run that crawls because of it looks broken otherwise. */
export function limitNotice(limit: QueueLimit): Html {
  const { queue, concurrency, rate, waitMs } = limit;
  const parts = [
    concurrency === null ? null : `at most ${plural(concurrency, 'job')} at once, over all workers`,
    rate === null ? null : `at most ${plural(rate.max, 'job')} begun in ${formatDuration(rate.durationMs)}`,
  ].filter((part) => part !== null);
  const now = waitMs === 0 ? '' : ` Nothing begins for another ${formatDuration(waitMs)}.`;
  return html`<p class="notice wait"><strong>The queue ${queue} is limited in Bull Board</strong>${parts.length > 0 && `: ${parts.join('; ')}`}.${now}
<a href="/queues/queue/${encodeURIComponent(queue)}">To the queue</a></p>`;
}
