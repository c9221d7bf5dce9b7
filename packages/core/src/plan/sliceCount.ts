import type { RebuildDefinition } from '../definition.ts';

/**
 * Documents a slice is taken to handle per second before anything was measured. Lower makes more, smaller slices: more
 * checkpoints of a kind, better spread; higher makes fewer. Measured rates were 2,000 to 30,000.
 */
const ASSUMED_DOCUMENTS_PER_SECOND = 5_000;
/** Fewer rows than this are not worth a slice of their own. */
const MIN_ROWS = 1_000;
const MAX_SLICES = 4_096;

/**
 * Slices per shard, from the row estimate and the time a slice should take; `slices` overrides the total. At least one
 * each, and at most 4,096 in all, so that neither planning nor the ledger grows with the data (I8).
 */
export function planSliceCounts(plan: {
  readonly rows: number;
  readonly shards: number;
  readonly rebuild: Pick<RebuildDefinition, 'sliceTargetMs' | 'slices'>;
}): number {
  const { rows, rebuild } = plan;
  const shards = Math.max(1, plan.shards);
  const perSlice = Math.max(MIN_ROWS, (rebuild.sliceTargetMs / 1000) * ASSUMED_DOCUMENTS_PER_SECOND);
  const total = rebuild.slices ?? Math.ceil(rows / perSlice);
  return Math.max(1, Math.min(Math.ceil(total / shards), Math.floor(MAX_SLICES / shards)));
}
