/** Buckets that a document can have: 2^20 (rule 18). */
export const BUCKETS = 1 << 20;

export interface CountedRange {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/**
 * Contiguous bucket ranges `[from, to)` from `after` on, each with about `target` documents or one prefix, in ascending
 * order. Together they are every bucket from `after` on: what came since the count was taken is in one of them.
 * @param counts documents per prefix of `bits` bits, ascending; prefixes without documents may lack
 */
export function bucketRanges(
  counts: readonly { readonly prefix: number; readonly count: number }[],
  bits: number,
  target: number,
  after = 0,
): readonly CountedRange[] {
  const width = BUCKETS >> bits;
  const ranges: CountedRange[] = [];
  let from = after;
  let count = 0;
  for (const entry of counts) {
    const begin = entry.prefix * width;
    // Buckets that no id has were written by hand: they are listed with the first or the last range.
    if (begin + width <= after || begin >= BUCKETS) continue;
    if (count > 0 && count + entry.count > target && begin > from) {
      ranges.push({ from, to: begin, count });
      from = begin;
      count = 0;
    }
    count += entry.count;
  }
  if (from < BUCKETS) ranges.push({ from, to: BUCKETS, count });
  return ranges;
}
