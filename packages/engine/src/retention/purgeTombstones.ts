import { readGenerations } from '@reindeer/ledger';
import type { EngineContext, OpenIndex } from '../context.ts';

/** Lets the sink forget old deletes of an index (rule 14), in generations that are built. @returns how many. */
export async function purgeTombstones(
  context: Pick<EngineContext, 'ledger'>,
  index: OpenIndex,
  signal: AbortSignal,
): Promise<number> {
  const { name } = index.definition;
  let purged = 0;
  for (const generation of await readGenerations(context.ledger, name, ['live', 'retained', 'building', 'failed'])) {
    // While it is loaded it has no index to find them by, and no old ones.
    if (generation.settledAt === null && generation.state !== 'live') continue;
    purged += await index.sink.purge({ index: name, name: generation.name }, signal);
  }
  return purged;
}
