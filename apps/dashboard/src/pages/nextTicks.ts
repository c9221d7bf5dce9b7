import { formatDuration } from '@reindeer/core';
import type { ScheduleView } from '../api/indexView.ts';
import { formatDue } from './format.ts';
import { type Html, html } from './html.ts';
import { plural } from './plural.ts';

/** When each lane fires next; of its shards the first to come, and those that are late. */
export function nextTicks(schedules: readonly ScheduleView[] | null, ticksPaused: boolean, nowMs: number): Html {
  if (schedules === null) return html`<p class="late">Not known: the queue does not answer.</p>`;
  if (schedules.length === 0) return html`<p class="empty">Nothing is scheduled: runs start by hand.</p>`;
  const lanes = [...Map.groupBy(schedules, ({ lane }) => lane)];
  return html`<ul class="rows">${lanes.map(([lane, of]) => row(lane, of, ticksPaused, nowMs))}</ul>`;
}

function row(lane: string, schedules: readonly ScheduleView[], ticksPaused: boolean, nowMs: number): Html {
  const [next] = schedules
    .filter(({ nextAt }) => nextAt !== null)
    .sort((a, b) => ((a.nextAt ?? '') < (b.nextAt ?? '') ? -1 : 1));
  const shown = next ?? schedules[0];
  const rhythm =
    shown === undefined
      ? ''
      : shown.cron !== null
        ? `${shown.cron} ${shown.timezone}`
        : `every ${formatDuration(shown.everyMs ?? 0)}`;
  const shards = schedules.filter(({ shard }) => shard !== null).length;
  const which = next?.shard == null ? '' : `shard ${next.shard}`;
  return html`<li>
<span>${lane}</span>
<span>${next?.nextAt == null ? 'not known' : formatDue(next.nextAt, nowMs)}${which !== '' && shards > 1 && html` <small>${which}</small>`}${ticksPaused && html` <small class="late">ticks are paused</small>`}</span>
<span class="push faint">${rhythm}${shards > 1 && `, ${plural(shards, 'shard')} in turn`}</span>
</li>`;
}
