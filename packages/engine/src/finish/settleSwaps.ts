import { recordFoundSwap, swapsInDoubt } from '@reindeer/ledger';
import type { EngineContext, OpenIndex } from '../context.ts';

/**
 * A run that ended between its swap and the swap's record leaves a generation live that the ledger would drop, and
 * every later swap would be refused: what is live is read from the sink, and recorded.
 */
export async function settleSwaps(context: EngineContext, index: OpenIndex, signal: AbortSignal): Promise<void> {
  const doubtful = await swapsInDoubt(context.ledger, index.definition.name);
  if (doubtful.length === 0) return;
  const live = await index.sink.live(index.definition.name, signal);
  const found = doubtful.find((generation) => generation.name === live?.generation.name);
  if (live === null || found === undefined) return;
  const documents = await index.sink.count(live.generation, signal);
  if (
    !(await recordFoundSwap(context.ledger, {
      generation: found.id,
      epoch: live.epoch,
      documents,
      soakMs: index.definition.rebuild.soakMs,
    }))
  )
    return;
  context.observer.event('warn', 'a run had ended between its swap and the record of it; its generation is live', {
    index: found.index,
    run: found.run,
    generation: found.name,
  });
}
