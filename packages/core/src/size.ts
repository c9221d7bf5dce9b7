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
