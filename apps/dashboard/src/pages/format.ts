import { formatDuration } from '@reindeer/core';
import { type Html, html } from './html.ts';

/** A moment as people say it, with the exact one in UTC behind it. */
export function formatMoment(at: string | number, nowMs: number): Html {
  const date = new Date(at);
  const ms = date.getTime() - nowMs;
  const text = Math.abs(ms) < 1_000 ? 'now' : ms < 0 ? `${inSeconds(-ms)} ago` : `in ${inSeconds(ms)}`;
  const exact = date
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');
  return html`<time datetime="${date.toISOString()}" title="${exact}">${text}</time>`;
}

/** A duration from now changes while one looks: tenths would only flicker. */
function inSeconds(ms: number): string {
  return ms < 10_000 ? `${Math.floor(ms / 1_000)} s` : formatDuration(ms);
}
