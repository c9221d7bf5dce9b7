import type { Page } from '@reindeer/connectors';
import { NO_DIFFERENCES, RefusedError, sumOutcomes, type Tally } from '@reindeer/core';
import type { EngineContext, OpenIndex } from '../context.ts';
import { toOperations } from '../transform/toOperations.ts';
import type { BatchResult } from './checkpointer.ts';
import { withFingerprint } from './documentFailures.ts';
import { refuseAhead } from './refuseAhead.ts';
import { type WriteWork, writeUntilAnswered } from './writeUntilAnswered.ts';

export interface BatchWork extends WriteWork {
  readonly shard: number;
  /** An earlier owner may have written this range (see `toOperations`). */
  readonly mayBeThere: boolean;
  /** Others write to this generation too: meeting a newer version is as good as having written (rule 15). */
  readonly shared: boolean;
}

/** One page through transform and sink, until every document has an outcome. */
export async function writeBatch(
  context: EngineContext,
  index: OpenIndex,
  page: Page,
  work: BatchWork,
): Promise<BatchResult> {
  const { observer } = context;
  const began = performance.now();
  const prepared = await toOperations(page, work.shard, index.definition.transform, work.mayBeThere);
  observer.batch('transform', (performance.now() - began) / 1000);

  const answers = await writeUntilAnswered(context, index, prepared.operations, work);

  const outcomes = work.shared ? refuseAhead(page.ticket, answers) : answers;
  const sum = sumOutcomes(prepared.operations, outcomes);
  const [ahead] = sum.superseded;
  if (ahead !== undefined && !work.shared) {
    // Nobody else writes to a generation that has not joined the feed (rule 15).
    throw new RefusedError(
      'ticket-behind',
      `The sink holds a newer version of document ${JSON.stringify(ahead.id)} than ticket ${page.ticket}, though only this run writes to ${work.generation.name}. If two rows have this id, make the key unique; if the ledger was restored, cancel this run and start a new one.`,
    );
  }
  const failures = [...prepared.refusals, ...sum.failures].map(withFingerprint);
  const tally: Tally = {
    ...sum.tally,
    read: page.documents.length,
    // Deletes written here are rows that are filtered now.
    deleted: 0,
    filtered: prepared.filtered,
    failed: failures.length,
  };
  return {
    cursor: page.last,
    tally,
    bytes: prepared.bytes,
    failures,
    differences: NO_DIFFERENCES,
    examples: [],
  };
}
