import { RefusedError } from '@reindeer/core';
import type { GenerationRow } from '@reindeer/ledger';
import type { OpenIndex } from '../context.ts';

/**
 * The bounds that a generation's shards were cut at still ascend. Where the key's type or collation has changed they may
 * not: some keys are then in no shard and some in several, and no comparison of shards sees all rows.
 * @throws RefusedError `generation-stale`, with the way out
 */
export async function requireOrderedBounds(
  { definition, source }: OpenIndex,
  { name, shardBounds }: Pick<GenerationRow, 'name' | 'shardBounds'>,
  signal: AbortSignal,
): Promise<void> {
  const below = await source.shardsOf(shardBounds, shardBounds, signal);
  if (below.every((count, place) => count === place)) return;
  throw new RefusedError(
    'generation-stale',
    `The shards of ${name} were cut at keys that the source orders otherwise by now: the type or the collation of ${definition.source.key.join(', ')} has changed since it was built, so that shards do not hold all rows any more. Rebuild: \`reindeer run ${definition.name}\`.`,
  );
}
