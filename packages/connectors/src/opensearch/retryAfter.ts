/** A Retry-After header, in seconds or as a date, as milliseconds from `nowMs`; null when there is none to read. */
export function retryAfterMs(header: string | readonly string[] | undefined, nowMs: number): number | null {
  const text = typeof header === 'string' ? header : header?.[0];
  if (text === undefined || text.trim() === '') return null;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000);
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs);
}
