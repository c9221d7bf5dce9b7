import type { ClaimedTask } from '@reindeer/ledger';
import type { EngineContext, OpenIndex, WorkSettings } from '../context.ts';
import { compareRowsWork } from './compareRowsWork.ts';
import { digestWork } from './digestWork.ts';
import { orphansWork } from './orphansWork.ts';
import type { SlicePage, SliceWork } from './sliceWork.ts';
import { writeWork } from './writeWork.ts';

/** What a slice does, by its run's lane and what it goes through. */
export function workOf(
  context: EngineContext,
  index: OpenIndex,
  task: ClaimedTask,
  settings: WorkSettings,
  signal: AbortSignal,
): SliceWork<SlicePage> {
  if (task.work === 'digest') return erase(digestWork(context, index, task, settings, signal));
  if (task.work === 'ids') return erase(orphansWork(context, index, task, settings, signal));
  if (task.lane === 'rebuild') return erase(writeWork(context, index, task, false));
  if (task.options.force) return erase(writeWork(context, index, task, true));
  return erase(compareRowsWork(context, index, task, settings, signal));
}

/** A slice gives its pages back to the work that made them, and knows no more of them than their number. */
function erase<P extends SlicePage>(work: SliceWork<P>): SliceWork<SlicePage> {
  return work as unknown as SliceWork<SlicePage>;
}
