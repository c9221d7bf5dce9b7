import type { Page } from '@reindeer/connectors';
import { checkId, keyOfId, staleness } from '@reindeer/core';
import type { ClaimedTask } from '@reindeer/ledger';
import type { EngineContext, OpenIndex, WorkSettings } from '../context.ts';
import { prepare, type Refusal } from '../transform/prepare.ts';
import { holdsBody } from './holdsBody.ts';
import { inPlace } from './inPlace.ts';
import type { Suspect } from './lookAgain.ts';
import type { SliceWork } from './sliceWork.ts';

/** The source's rows in key order, each compared with what the sink holds under its id: finds what is missing or stale. */
export function compareRowsWork(
  context: EngineContext,
  index: OpenIndex,
  task: ClaimedTask,
  settings: WorkSettings,
  signal: AbortSignal,
): SliceWork<Page> {
  const place = inPlace(context, index, task, settings.batchTimeoutMs, signal);
  const { looking } = place;
  const columns = index.definition.source.key.length;
  return {
    pages: (pace, aborted) =>
      index.source.read(
        { after: task.cursor ?? task.after, upTo: task.upTo },
        pace,
        // Nothing of this read is written: what differs is read again, after a ticket of its own.
        () => Promise.resolve(0),
        aborted,
      ),
    async apply(page, onBusy, aborted) {
      const held = await looking.sink.stored(
        looking.generation,
        page.documents.map(({ id }) => id),
        aborted,
      );
      const bodies = looking.deep
        ? await looking.sink.bodies(
            looking.generation,
            page.documents.map(({ id }) => id),
            aborted,
          )
        : [];
      const suspects: Suspect[] = [];
      const refusals: Refusal[] = [];
      let unchanged = 0;
      let filtered = 0;
      for (const [at, document] of page.documents.entries()) {
        const stored = held[at] ?? null;
        const suspect = { id: document.id, key: keyOfId(document.id, columns) };
        if (stored !== null && checkId(document.id) === null) {
          const right = staleness(document, stored, looking.stampShard) === null;
          if (right && (!looking.deep || (await holdsBody(document, bodies[at] ?? null, looking)))) unchanged += 1;
          else suspects.push(suspect);
          continue;
        }
        // Rows that are not to be in the index need no second look: a transform decides by the row alone.
        const prepared = await prepare(document, { ticket: 0, shard: task.shard }, looking.transform);
        if (prepared.kind === 'filtered') filtered += 1;
        else if (prepared.kind === 'refused') refusals.push(prepared.refusal);
        else suspects.push(suspect);
      }
      const tally = { read: page.documents.length, unchanged, filtered };
      return place.settle({ suspects, tally, refusals, from: 'rows' }, page.last, onBusy, aborted);
    },
  };
}
