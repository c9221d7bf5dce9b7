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

/** `3 min ago`, `in 2 h`, `now`. */
export function formatMoment(at: string | number, nowMs: number): string {
  const ms = new Date(at).getTime() - nowMs;
  if (Math.abs(ms) < 1_000) return 'now';
  const whole = Math.floor(Math.abs(ms) / 1_000) * 1_000;
  const text = whole < 10_000 ? `${whole / 1_000} s` : formatDuration(whole);
  return ms < 0 ? `${text} ago` : `in ${text}`;
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
