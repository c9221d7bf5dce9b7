const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `'250ms' '30s' '5m' '6h' '7d'` as milliseconds; null when the text is nothing of the kind. */
export function parseDuration(text: string): number | null {
  const [, amount, unit] = /^(\d{1,12})(ms|s|m|h|d)$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return null;
  const ms = Number(amount) * (UNITS[unit] as number);
  return Number.isSafeInteger(ms) ? ms : null;
}

/** Milliseconds for people: `340 ms`, `9.5 s`, `4m 05s`, `1h 02m`, `3d 04h`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.floor(ms))} ms`;
  if (ms < 60_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes}m ${two(Math.floor((ms % 60_000) / 1_000))}s`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours}h ${two(minutes % 60)}m` : `${Math.floor(hours / 24)}d ${two(hours % 24)}h`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
