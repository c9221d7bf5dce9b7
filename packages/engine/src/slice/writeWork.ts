import type { Page } from '@reindeer/connectors';
import { RefusedError } from '@reindeer/core';
import type { ClaimedTask } from '@reindeer/ledger';
import type { EngineContext, OpenIndex } from '../context.ts';
import { ticketDrawer } from '../tickets.ts';
import type { SliceWork } from './sliceWork.ts';
import { writeBatch } from './writeBatch.ts';

/** Every row is written: a rebuild, and a refresh by force, which shares its generation with others. */
export function writeWork(
  context: EngineContext,
  index: OpenIndex,
  task: ClaimedTask,
  shared: boolean,
): SliceWork<Page> {
  const { generation } = task;
  if (generation === null) throw new RefusedError('generation-gone', `Run ${task.run} has no generation.`);
  return {
    pages: (pace, signal) =>
      index.source.read(
        { after: task.cursor ?? task.after, upTo: task.upTo },
        pace,
        ticketDrawer(context.ledger, index.sink, task, signal),
        signal,
      ),
    apply: (page, onBusy, signal) =>
      writeBatch(context, index, page, {
        generation: { index: task.index, name: generation.name },
        shard: task.shard,
        mayBeThere: shared || task.claimNumber > 1,
        shared,
        signal,
        onBusy,
      }),
  };
}
