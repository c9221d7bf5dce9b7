import { markDropping, noteDropped } from '@reindeer/ledger';
import type { EngineContext, OpenIndex } from '../context.ts';
import { settleSwaps } from './settleSwaps.ts';

/** Drops the generations of an index that may go; each is marked one-way before (rule 11). @returns how many. */
export async function dropGenerations(
  context: EngineContext,
  index: OpenIndex,
  keep: number,
  signal: AbortSignal,
): Promise<number> {
  await settleSwaps(context, index, signal);
  const dropping = await markDropping(context.ledger, index.definition.name, keep);
  for (const generation of dropping) {
    await index.sink.drop({ index: generation.index, name: generation.name }, signal);
    await noteDropped(context.ledger, generation.id);
    context.observer.event('info', 'dropped', { index: generation.index, generation: generation.name });
  }
  return dropping.length;
}
