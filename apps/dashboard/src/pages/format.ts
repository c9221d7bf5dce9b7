import { formatDuration } from '@reindeer/core';
import { type Html, html } from './html.ts';

/** A tick is due some seconds before anybody need worry: the queue looks now and then, and its scheduler may be busy. */
const LATE_AFTER_MS = 5_000;

/** A moment as people say it, with the exact one in UTC behind it. */
export function formatMoment(at: string | number, nowMs: number): Html {
  const ms = new Date(at).getTime() - nowMs;
  return moment(at, Math.abs(ms) < 1_000 ? 'now' : ms < 0 ? `${inSeconds(-ms)} ago` : `in ${inSeconds(ms)}`);
}

/** A moment at which something should happen by itself; one that is past is late. */
export function formatDue(at: string | number, nowMs: number): Html {
  const lateMs = nowMs - new Date(at).getTime();
  if (lateMs > LATE_AFTER_MS) return html`<strong class="late">${moment(at, `late by ${inSeconds(lateMs)}`)}</strong>`;
  return lateMs > -1_000 ? moment(at, 'due now') : formatMoment(at, nowMs);
}

function moment(at: string | number, text: string): Html {
  const iso = new Date(at).toISOString();
  const exact = iso.replace('T', ' ').replace(/\.\d+Z$/, ' UTC');
  return html`<time datetime="${iso}" title="${exact}">${text}</time>`;
}

/** A duration from now changes while one looks: tenths would only flicker. */
function inSeconds(ms: number): string {
  return ms < 10_000 ? `${Math.floor(ms / 1_000)} s` : formatDuration(ms);
}
