const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `'250ms' '30s' '5m' '6h' '7d'` as milliseconds; null when the text is nothing of the kind. */
export function parseDuration(text: string): number | null {
  const [, amount, unit] = /^(\d{1,12})(ms|s|m|h|d)$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return null;
  const ms = Number(amount) * (UNIT_MS[unit] as number);
  return Number.isSafeInteger(ms) ? ms : null;
}

const SHOWN_UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
];

/** A time in its two largest units: `5.1 s`, `3 min 20 s`, `2 d 4 h`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 10_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  const at = SHOWN_UNITS.findIndex(([, size]) => ms >= size);
  const [unit, size] = SHOWN_UNITS[at] ?? ['s', 1_000];
  const [nextUnit, nextSize] = SHOWN_UNITS[at + 1] ?? ['', 0];
  const rest = nextSize === 0 ? 0 : Math.floor((ms % size) / nextSize);
  return `${Math.floor(ms / size)} ${unit}${rest === 0 ? '' : ` ${rest} ${nextUnit}`}`;
}
