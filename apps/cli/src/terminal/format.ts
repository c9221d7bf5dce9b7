import { formatCount, formatDuration } from '@reindeer/core';

/** `3 min ago`, `in 2 h`, `now`. */
export function formatMoment(at: string | number, nowMs: number): string {
  const ms = new Date(at).getTime() - nowMs;
  if (Math.abs(ms) < 1_000) return 'now';
  const whole = Math.floor(Math.abs(ms) / 1_000) * 1_000;
  const text = whole < 10_000 ? `${whole / 1_000} s` : formatDuration(whole);
  return ms < 0 ? `${text} ago` : `in ${text}`;
}

/** A time of day on this machine's clock, with the day where that is another one. */
export function formatClock(at: string | number, nowMs: number): string {
  const then = new Date(at);
  const clock = `${two(then.getHours())}:${two(then.getMinutes())}`;
  if (then.toDateString() === new Date(nowMs).toDateString()) return clock;
  return `${then.getFullYear()}-${two(then.getMonth() + 1)}-${two(then.getDate())} ${clock}`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}

/** What is left, in whole seconds: tenths would only flicker. */
export function formatLeft(ms: number): string {
  const whole = Math.ceil(ms / 1_000) * 1_000;
  return whole < 10_000 ? `${whole / 1_000} s` : formatDuration(whole);
}

/** 0.724 as `72%`; never 100% before the end. */
export function formatShare(share: number): string {
  return `${share >= 1 ? 100 : Math.min(99, Math.floor(share * 100))}%`;
}

/** `1 slice`, `2 slices`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
