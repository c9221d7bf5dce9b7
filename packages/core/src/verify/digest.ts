import { BUCKETS } from './bucketRanges.ts';

/** What documents of one bucket prefix add up to: equal digests mean equal documents, but for a chance of 2^-64. */
export interface DigestEntry {
  /** The leading bits of the bucket, as a number. */
  readonly prefix: number;
  readonly count: number;
  /** Sums of the fingerprints, exact (at most 2^20 documents a bucket stay below 2^53). */
  readonly f1: number;
  readonly f2: number;
}

/** Buckets by their leading bits. */
export interface BucketSet {
  readonly bits: number;
  readonly prefixes: ReadonlySet<number>;
}

/**
 * Documents that share a prefix, about. Fewer: more entries to add up on both sides. More: more documents are looked at
 * for each one that differs.
 */
const DOCUMENTS_PER_PREFIX = 96;
/** 65,536 entries at once, whatever the size of a shard. */
const MOST_BITS = 16;

/** How many leading bits of the bucket a digest of so many documents is made by. */
export function digestBits(documents: number): number {
  const bits = Math.ceil(Math.log2(Math.max(1, documents / DOCUMENTS_PER_PREFIX)));
  return Math.min(MOST_BITS, bits);
}

/** Adds up digests of parts of one whole: the parts' prefixes are of the same bits. */
export class DigestSum {
  readonly #entries = new Map<number, DigestEntry>();

  add(part: readonly DigestEntry[]): void {
    for (const entry of part) {
      const sum = this.#entries.get(entry.prefix);
      this.#entries.set(entry.prefix, sum === undefined ? entry : plus(sum, entry));
    }
  }

  get entries(): readonly DigestEntry[] {
    return [...this.#entries.values()];
  }
}

function plus(a: DigestEntry, b: DigestEntry): DigestEntry {
  return { prefix: a.prefix, count: a.count + b.count, f1: a.f1 + b.f1, f2: a.f2 + b.f2 };
}

/**
 * The prefixes in which source and sink differ. A prefix that no id has (a hand can write any bucket) is taken for the
 * nearest, as a selection of buckets takes it.
 */
export function differingPrefixes(
  source: readonly DigestEntry[],
  sink: readonly DigestEntry[],
  bits: number,
): Set<number> {
  const differing = new Set<number>();
  const rows = new Map(source.map((entry) => [entry.prefix, entry]));
  for (const held of sink) {
    const row = rows.get(held.prefix);
    rows.delete(held.prefix);
    const equal = row !== undefined && row.count === held.count && row.f1 === held.f1 && row.f2 === held.f2;
    if (!equal) differing.add(nearestPrefix(held.prefix, bits));
  }
  for (const prefix of rows.keys()) differing.add(prefix);
  return differing;
}

/** The prefix of a bucket, also of one that no id has. */
export function prefixOf(bucket: number, bits: number): number {
  return nearestPrefix(Math.floor(bucket / (BUCKETS >> bits)), bits);
}

function nearestPrefix(prefix: number, bits: number): number {
  return Math.min(Math.max(prefix, 0), 2 ** bits - 1);
}

/** Listing so many documents too many costs less than asking once more. */
const WORTH_A_REQUEST = 500;

/**
 * Contiguous ranges of buckets `[from, to)`, ascending, each with about `target` documents or one prefix, that hold these
 * prefixes. A short gap between two is listed along.
 * @param counts documents per prefix; prefixes without documents may lack
 */
export function rangesOfPrefixes(
  { bits, prefixes }: BucketSet,
  counts: ReadonlyMap<number, number>,
  target: number,
  after = 0,
): readonly { readonly from: number; readonly to: number }[] {
  const width = BUCKETS >> bits;
  const ranges: { from: number; to: number; count: number }[] = [];
  for (const prefix of [...prefixes].sort((a, b) => a - b)) {
    const [from, to] = [prefix * width, (prefix + 1) * width];
    if (to <= after) continue;
    const count = counts.get(prefix) ?? 0;
    const last = ranges.at(-1);
    const gap = last === undefined ? Number.POSITIVE_INFINITY : countBetween(counts, last.to / width, prefix);
    if (last !== undefined && gap <= WORTH_A_REQUEST && last.count + gap + count <= target) {
      last.to = to;
      last.count += gap + count;
    } else ranges.push({ from, to, count });
  }
  return ranges.map(({ from, to }) => ({ from, to }));
}

function countBetween(counts: ReadonlyMap<number, number>, from: number, to: number): number {
  let sum = 0;
  for (let prefix = from; prefix < to && sum <= WORTH_A_REQUEST; prefix += 1) sum += counts.get(prefix) ?? 0;
  return sum;
}
