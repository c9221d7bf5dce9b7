import {
  addDifferences,
  type DifferenceKind,
  type Differences,
  EMPTY_TALLY,
  NO_DIFFERENCES,
  RefusedError,
  sumOutcomes,
  type Tally,
} from '@reindeer/core';
import type { ClaimedTask, DifferenceExample } from '@reindeer/ledger';
import type { EngineContext, OpenIndex } from '../context.ts';
import { ticketDrawer } from '../tickets.ts';
import type { Refusal } from '../transform/prepare.ts';
import type { BatchResult } from './checkpointer.ts';
import { withFingerprint } from './documentFailures.ts';
import { type Looking, lookAgain, type Sight, type Suspect } from './lookAgain.ts';
import { refuseAhead } from './refuseAhead.ts';
import { writeUntilAnswered } from './writeUntilAnswered.ts';

/** Examples that one batch brings of each kind: the ledger keeps 20 of a run. */
const EXAMPLES = 20;

/** What a batch has seen, beside what the second look sees. */
export interface FirstLook {
  readonly suspects: readonly Suspect[];
  /** Of rows: read, unchanged, filtered. */
  readonly tally: Partial<Tally>;
  readonly refusals: readonly Refusal[];
  /** `rows`: each suspect is a row that was read. `ids`: each was found in the sink alone. */
  readonly from: 'rows' | 'ids';
}

/** Comparing a generation with its source in place: a refresh repairs what differs, a verify only tells. */
export interface InPlace {
  readonly looking: Looking;
  readonly repairs: boolean;
  /** Ends a batch: the second look, and the repairs. */
  settle(
    first: FirstLook,
    cursor: BatchResult['cursor'],
    onBusy: () => void,
    signal: AbortSignal,
  ): Promise<BatchResult>;
}

export function inPlace(context: EngineContext, index: OpenIndex, task: ClaimedTask, signal: AbortSignal): InPlace {
  const { generation } = task;
  if (generation === null) throw new RefusedError('generation-gone', `Run ${task.run} has no generation.`);
  const repairs = task.lane === 'refresh';
  const looking: Looking = {
    source: index.source,
    sink: index.sink,
    generation: { index: task.index, name: generation.name },
    transform: index.definition.transform,
    shard: task.shard,
    stampShard: generation.adopted ? null : task.shard,
    range: { after: task.after, upTo: task.upTo },
    // What is not written needs no version.
    ticket: repairs ? ticketDrawer(context.ledger, index.sink, task, signal) : () => Promise.resolve(0),
  };
  return {
    looking,
    repairs,
    async settle(first, cursor, onBusy, aborted) {
      const sights = first.suspects.length === 0 ? [] : await lookAgain(looking, first.suspects, aborted);
      const found = sights.filter((sight) => sight.kind === 'different');
      const repaired = repairs
        ? await repair(context, index, looking, found, { onBusy, signal: aborted })
        : { tally: EMPTY_TALLY, refusals: [], bytes: 0 };
      const refusals = [
        ...first.refusals,
        ...sights.flatMap((sight) => (sight.kind === 'refused' ? [sight.refusal] : [])),
        ...repaired.refusals,
      ];
      return {
        cursor,
        tally: tallyOf(first, sights, repaired.tally, refusals.length),
        // What was only read is not sent to the sink.
        bytes: repaired.bytes,
        failures: refusals.map(withFingerprint),
        differences: countDifferences(found),
        examples: examplesOf(found),
      };
    },
  };
}

type Found = Extract<Sight, { kind: 'different' }>;

async function repair(
  context: EngineContext,
  index: OpenIndex,
  looking: Looking,
  found: readonly Found[],
  how: { onBusy: () => void; signal: AbortSignal },
): Promise<{ tally: Tally; refusals: readonly Refusal[]; bytes: number }> {
  const operations = found.map(({ operation }) => operation);
  const [first] = operations;
  if (first === undefined) return { tally: EMPTY_TALLY, refusals: [], bytes: 0 };
  const answers = await writeUntilAnswered(context, index, operations, { generation: looking.generation, ...how });
  const outcomes = refuseAhead(first.ticket, answers);
  const { tally, failures } = sumOutcomes(operations, outcomes);
  const bytes = operations.reduce(
    (sum, operation) => sum + (operation.kind === 'index' ? Buffer.byteLength(operation.body) : 0),
    0,
  );
  return { tally, refusals: failures, bytes };
}

/**
 * Every row that was read is accounted for. In a verify those that differ are not: nothing became of them, and they are
 * in `differences`. What only the sink held is no row; what was deleted of that is `orphans`.
 */
function tallyOf(first: FirstLook, sights: readonly Sight[], repaired: Tally, failed: number): Tally {
  const seen = (kind: Sight['kind']) => sights.filter((sight) => sight.kind === kind).length;
  if (first.from === 'rows') {
    return {
      ...repaired,
      read: first.tally.read ?? 0,
      unchanged: (first.tally.unchanged ?? 0) + seen('same'),
      filtered: (first.tally.filtered ?? 0) + seen('filtered') + seen('elsewhere'),
      failed,
    };
  }
  // Deletes are orphans; a row that came back between the looks was read and written.
  const { deleted, ...rest } = repaired;
  return { ...rest, deleted: 0, orphans: deleted, read: repaired.written + repaired.superseded + failed, failed };
}

function countDifferences(found: readonly Found[]): Differences {
  return found.reduce(
    (sum, { difference }) => addDifferences(sum, { ...NO_DIFFERENCES, [difference]: 1 }),
    NO_DIFFERENCES,
  );
}

function examplesOf(found: readonly Found[]): DifferenceExample[] {
  const kinds: readonly DifferenceKind[] = ['missing', 'extra', 'stale'];
  return kinds.flatMap((kind) =>
    found
      .filter(({ difference }) => difference === kind)
      .slice(0, EXAMPLES)
      .map(({ operation, detail }) => ({ kind, document: operation.id, detail })),
  );
}
