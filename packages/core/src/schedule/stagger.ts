/**
 * How far into its period a schedule fires, in ms, so that the shards of an index are spread evenly and different
 * indexes do not fire together. The same for the same names, in every process and after every restart.
 */
export function staggerMs(schedule: {
  readonly index: string;
  readonly lane: string;
  /** -1 for the whole index. */
  readonly shard: number;
  readonly shards: number;
  readonly periodMs: number;
}): number {
  const { index, lane, shard, shards, periodMs } = schedule;
  const start = fnv1a(`${index} ${lane}`) / 2 ** 32;
  const step = Math.max(0, shard) / Math.max(1, shards);
  return Math.floor(((start + step) % 1) * periodMs);
}

/** FNV-1a, 32 bits: spreads short names well enough, and needs no crypto. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  }
  return hash;
}
