import { type Html, html } from './html.ts';

/** 138398 as `138,398`. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
];

/** A time in its two largest units: `5.1 s`, `3 min 20 s`, `2 d 4 h`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 10_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  const at = UNITS.findIndex(([, size]) => ms >= size);
  const [unit, size] = UNITS[at] ?? ['s', 1_000];
  const [nextUnit, nextSize] = UNITS[at + 1] ?? ['', 0];
  const rest = nextSize === 0 ? 0 : Math.floor((ms % size) / nextSize);
  return `${Math.floor(ms / size)} ${unit}${rest === 0 ? '' : ` ${rest} ${nextUnit}`}`;
}

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
