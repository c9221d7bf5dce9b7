import type { ReadPace } from '@reindeer/connectors';
import { bucketRanges, type StoredDocument } from '@reindeer/core';
import type { ClaimedTask } from '@reindeer/ledger';
import type { EngineContext, OpenIndex, WorkSettings } from '../context.ts';
import { inPlace } from './inPlace.ts';
import type { SliceWork } from './sliceWork.ts';
import { withoutRow } from './withoutRow.ts';

/** The leading bits of a bucket by which the sink's documents are counted before they are listed. */
const PREFIX_BITS = 12;
/** Documents listed between two places from which a listing can go on. */
const RANGE_DOCUMENTS = 5_000;

interface ListedPage {
  readonly documents: readonly StoredDocument[];
  /** Every bucket below it is done with this page. */
  readonly doneTo: number;
  readonly midway: boolean;
}

/**
 * What the sink lists for a shard, by bucket, looked for at the source: finds documents whose row is gone, and
 * strangers. The cursor is the bucket up to which all are done. No shard's ids are ever in memory.
 */
export function orphansWork(
  context: EngineContext,
  index: OpenIndex,
  task: ClaimedTask,
  settings: WorkSettings,
  signal: AbortSignal,
): SliceWork<ListedPage> {
  const place = inPlace(context, index, task, settings.batchTimeoutMs, signal);
  const { looking } = place;
  const columns = index.definition.source.key.length;
  const wholeShard = task.options.range === null;
  const begin = Number(task.cursor?.[0] ?? 0);

  async function* pages(pace: ReadPace, aborted: AbortSignal): AsyncGenerator<ListedPage, void, undefined> {
    const counts = await looking.sink.digest(
      looking.generation,
      { shard: looking.stampShard, last: task.upTo === null },
      PREFIX_BITS,
      aborted,
    );
    let doneTo = begin;
    for (const buckets of bucketRanges(counts, PREFIX_BITS, RANGE_DOCUMENTS, begin)) {
      // The last shard ends with the last key.
      const selection = { shard: looking.stampShard, last: task.upTo === null, buckets, visible: true };
      for await (const documents of looking.sink.ids(looking.generation, selection, pace.maxDocuments(), aborted))
        yield { documents, doneTo, midway: true };
      // A page of its own, so that the cursor passes the range only when all of it is done.
      doneTo = buckets.to;
      yield { documents: [], doneTo, midway: false };
    }
  }

  return {
    pages,
    async apply(page, onBusy, aborted) {
      const suspects = await withoutRow(looking, page.documents, columns, wholeShard, aborted);
      const result = await place.settle(
        { suspects, tally: {}, refusals: [], from: 'ids' },
        [String(page.doneTo)],
        onBusy,
        aborted,
      );
      // What was deleted is found no more by whoever begins the range again; what was only looked at would count twice.
      return { ...result, provisional: page.midway && !place.repairs };
    },
  };
}
