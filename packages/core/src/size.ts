const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 1_024,
  MiB: 1_048_576,
  GiB: 1_073_741_824,
};

/** `'500KB' '5MB' '1GiB'` as bytes; null when the text is nothing of the kind. */
export function parseSize(text: string): number | null {
  const [, amount, unit] = /^(\d{1,12})(B|KB|MB|GB|KiB|MiB|GiB)$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return null;
  const bytes = Number(amount) * (UNITS[unit] as number);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

const SHOWN = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Bytes for people, in units of 1,000: `512 B`, `3.2 MB`, `41 GB`. */
export function formatSize(bytes: number): string {
  let amount = Math.max(0, bytes);
  let unit = 0;
  // Cut off, not rounded: 999,999 bytes are 999 KB, never 1,000 KB.
  for (; amount >= 1_000 && unit < SHOWN.length - 1; unit += 1) amount /= 1_000;
  const text = unit === 0 || amount >= 10 ? String(Math.floor(amount)) : (Math.floor(amount * 10) / 10).toFixed(1);
  return `${text} ${SHOWN[unit]}`;
}
