import type { Key, KeyRange } from '../key.ts';

/**
 * The ranges that ascending bounds cut `range` into: n bounds, n + 1 ranges, each beginning where the one before it
 * ends, so that no key is skipped or done twice. The bounds come from the source, in its order, strictly inside `range`;
 * only it can compare keys (I10), so what is checked here is what can be: that none comes twice, at an end neither.
 * @throws Error when one does, which the source's adapter must not let happen.
 */
export function contiguousRanges(range: KeyRange, bounds: readonly Key[]): readonly KeyRange[] {
  const seen = new Set([range.after, range.upTo].filter((end) => end !== null).map((end) => JSON.stringify(end)));
  for (const bound of bounds) {
    const text = JSON.stringify(bound);
    if (seen.has(text)) throw new Error(`The bound ${text} comes twice: the source must give each once, in its order.`);
    seen.add(text);
  }
  return [...bounds, range.upTo].map((upTo, at) => ({
    after: at === 0 ? range.after : (bounds[at - 1] ?? null),
    upTo,
  }));
}
