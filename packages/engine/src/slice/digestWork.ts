import type { ReadPace, RowFingerprint } from '@reindeer/connectors';
import {
  BUCKETS,
  checkId,
  digestBits,
  type Key,
  keyOfId,
  prefixOf,
  rangesOfPrefixes,
  type StoredDocument,
  staleness,
} from '@reindeer/core';
import type { ClaimedTask } from '@reindeer/ledger';
import type { EngineContext, OpenIndex, WorkSettings } from '../context.ts';
import { compareDigests, type DigestLook } from './compareDigests.ts';
import { inPlace } from './inPlace.ts';
import type { Suspect } from './lookAgain.ts';
import type { SliceWork } from './sliceWork.ts';
import { withoutRow } from './withoutRow.ts';

/** Documents listed between two places from which a listing can go on. */
const RANGE_DOCUMENTS = 5_000;

type DigestPage =
  /** Some of a digest was added up: nothing is done with it, but it was no standstill. */
  | { readonly kind: 'adding'; readonly documents: readonly []; readonly midway: true }
  /** Rows of differing buckets; `passed` counts the others up to `last` too. `last` null: all there are. */
  | {
      readonly kind: 'rows';
      readonly documents: readonly RowFingerprint[];
      readonly passed: number;
      readonly last: Key | null;
      readonly midway: boolean;
    }
  /** What the sink lists of differing buckets; every bucket below `doneTo` is done with this page. */
  | {
      readonly kind: 'ids';
      readonly documents: readonly StoredDocument[];
      readonly doneTo: number;
      readonly midway: boolean;
    };

/**
 * A whole shard by digests: both sides add up by bucket, and where the sums are equal nothing more is read. Of the buckets
 * that differ the rows come first, looked for in the sink by id; then what the sink lists, looked for at the source by
 * key. Whoever takes over adds up again, and goes on at the cursor: `rows` and a key, then `ids` and a bucket. In memory
 * are the sums, at most 65,536 on each side, and the pages under way.
 */
export function digestWork(
  context: EngineContext,
  index: OpenIndex,
  task: ClaimedTask,
  settings: WorkSettings,
  signal: AbortSignal,
): SliceWork<DigestPage> {
  const place = inPlace(context, index, task, settings.batchTimeoutMs, signal);
  const { looking } = place;
  const columns = index.definition.source.key.length;
  const bits = digestBits(task.estimate);
  const cursor = cursorOf(task.cursor);

  async function* pages(pace: ReadPace, aborted: AbortSignal): AsyncGenerator<DigestPage, void, undefined> {
    if (cursor.stage === 'ids' && cursor.from >= BUCKETS) return;
    const look = yield* adding(
      compareDigests(looking, { bits, estimate: task.estimate, last: task.upTo === null }, aborted),
    );
    if (cursor.stage === 'rows') yield* rows(look, cursor.after, pace, aborted);
    if (look.prefixes.size > 0) yield* ids(look, cursor.stage === 'ids' ? cursor.from : 0, pace, aborted);
    yield { kind: 'ids', documents: [], doneTo: BUCKETS, midway: false };
  }

  async function* rows(look: DigestLook, after: Key | null, pace: ReadPace, aborted: AbortSignal) {
    if (look.prefixes.size === 0 && after === null) {
      yield { kind: 'rows', documents: [], passed: look.rows, last: null, midway: true } as const;
      return;
    }
    const left = { after: after ?? task.after, upTo: task.upTo };
    for await (const page of looking.source.fingerprints(left, look, pace, aborted)) {
      const { documents, passed, last } = page;
      yield { kind: 'rows', documents, passed, last, midway: false } as const;
    }
  }

  async function* ids(look: DigestLook, from: number, pace: ReadPace, aborted: AbortSignal) {
    let doneTo = from;
    const wanted = ({ stamp }: StoredDocument) => stamp === null || look.prefixes.has(prefixOf(stamp.bucket, bits));
    for (const buckets of rangesOfPrefixes(look, look.held, RANGE_DOCUMENTS, from)) {
      const selection = { shard: looking.stampShard, last: task.upTo === null, buckets, visible: true };
      for await (const listed of looking.sink.ids(looking.generation, selection, pace.maxDocuments(), aborted))
        yield { kind: 'ids', documents: listed.filter(wanted), doneTo, midway: true } as const;
      // A page of its own, so that the cursor passes the range only when all of it is done.
      doneTo = buckets.to;
      yield { kind: 'ids', documents: [], doneTo, midway: false } as const;
    }
  }

  return {
    pages,
    async apply(page, onBusy, aborted) {
      if (page.kind === 'ids') {
        const suspects = await withoutRow(looking, page.documents, columns, true, aborted);
        const first = { suspects, tally: {}, refusals: [], from: 'ids' } as const;
        const result = await place.settle(first, ['ids', String(page.doneTo)], onBusy, aborted);
        // What was deleted is found no more by whoever begins the range again; what was only looked at would count twice.
        return { ...result, provisional: page.midway && !place.repairs };
      }
      const passed = page.kind === 'rows' ? page.passed : 0;
      const suspects = page.documents.length === 0 ? [] : await differing(page.documents, aborted);
      const tally = { read: passed, unchanged: passed - suspects.length };
      const last = page.kind === 'rows' ? page.last : null;
      const result = await place.settle(
        { suspects, tally, refusals: [], from: 'rows' },
        last === null ? task.cursor : ['rows', ...last],
        onBusy,
        aborted,
      );
      return { ...result, provisional: page.kind === 'adding' || last === null };
    },
  };

  async function differing(documents: readonly RowFingerprint[], aborted: AbortSignal): Promise<readonly Suspect[]> {
    const held = await looking.sink.stored(
      looking.generation,
      documents.map(({ id }) => id),
      aborted,
    );
    return documents.flatMap((row, at) => {
      const stored = held[at] ?? null;
      const right = stored !== null && checkId(row.id) === null && staleness(row, stored, looking.stampShard) === null;
      return right ? [] : [{ id: row.id, key: keyOfId(row.id, columns) }];
    });
  }
}

async function* adding<T>(look: AsyncGenerator<void, T, undefined>): AsyncGenerator<DigestPage, T, undefined> {
  for (;;) {
    const step = await look.next();
    if (step.done === true) return step.value;
    yield { kind: 'adding', documents: [], midway: true };
  }
}

type Cursor = { readonly stage: 'rows'; readonly after: Key | null } | { readonly stage: 'ids'; readonly from: number };

function cursorOf(cursor: Key | null): Cursor {
  if (cursor?.[0] === 'ids') return { stage: 'ids', from: Number(cursor[1]) };
  return { stage: 'rows', after: cursor?.slice(1) ?? null };
}
