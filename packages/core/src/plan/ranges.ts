import type { Key, KeyRange } from '../key.ts';

/**
 * The ranges that ascending bounds cut `range` into: n bounds, n + 1 ranges, each beginning where the one before it
 * ends, so that no key is skipped or done twice. They are given as the bounds come. The bounds come from the source, in
 * its order, inside `range`; only it can compare keys (I10), so what is checked here is what can be: that none comes
 * twice. One at the range's own end cuts nothing off.
 * @throws Error when one does, which the source's adapter must not let happen.
 */
export async function* contiguousRanges(
  range: KeyRange,
  bounds: AsyncIterable<Key> | Iterable<Key>,
): AsyncGenerator<KeyRange, void, undefined> {
  const end = JSON.stringify(range.upTo);
  const seen = new Set(range.after === null ? [] : [JSON.stringify(range.after)]);
  let { after } = range;
  for await (const bound of bounds) {
    const text = JSON.stringify(bound);
    if (text === end) continue;
    if (seen.has(text)) throw new Error(`The bound ${text} comes twice: the source must give each once, in its order.`);
    seen.add(text);
    yield { after, upTo: bound };
    after = bound;
  }
  yield { after, upTo: range.upTo };
}
