import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { GenerationRef, Page } from '@reindeer/connectors';
import { type Operation, type Outcome, RefusedError, sumOutcomes, type Tally } from '@reindeer/core';
import type { DocumentFailure } from '@reindeer/ledger';
import type { EngineContext, OpenIndex } from '../context.ts';
import { toOperations } from '../transform/toOperations.ts';
import type { BatchResult } from './checkpointer.ts';

export interface BatchWork {
  readonly generation: GenerationRef;
  readonly shard: number;
  /** An earlier owner may have written this range (see `toOperations`). */
  readonly mayBeThere: boolean;
  readonly signal: AbortSignal;
  /** Called when the sink asked for less: the next pages are smaller. */
  readonly onBusy: () => void;
}

/** One page through transform and sink, until every document has an outcome. A busy sink is asked again, slower. */
export async function writeBatch(
  context: EngineContext,
  index: OpenIndex,
  page: Page,
  work: BatchWork,
): Promise<BatchResult> {
  const { observer } = context;
  const began = performance.now();
  const prepared = await toOperations(page, work.shard, index.definition.transform, work.mayBeThere);
  const transformed = performance.now();
  observer.batch('transform', (transformed - began) / 1000);

  const outcomes = await writeUntilAnswered(context, index, prepared.operations, work);
  observer.batch('write', (performance.now() - transformed) / 1000);

  const sum = sumOutcomes(prepared.operations, outcomes);
  const [ahead] = sum.superseded;
  if (ahead !== undefined) {
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
  return { cursor: page.last, tally, bytes: prepared.bytes, failures };
}

async function writeUntilAnswered(
  context: EngineContext,
  index: OpenIndex,
  operations: readonly Operation[],
  work: BatchWork,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = new Array(operations.length);
  let open = operations.map((_, place) => place);
  for (let attempt = 0; open.length > 0; attempt += 1) {
    const answers = await index.sink.write(
      work.generation,
      open.map((place) => operations[place] as Operation),
      work.signal,
    );
    const busy: number[] = [];
    let waitMs = 0;
    answers.forEach((answer, at) => {
      const place = open[at] as number;
      outcomes[place] = answer;
      if (answer.kind !== 'busy') return;
      busy.push(place);
      waitMs = Math.max(waitMs, answer.retryAfterMs ?? Math.min(100 * 2 ** attempt, 5_000));
    });
    if (busy.length > 0) {
      work.onBusy();
      context.observer.throttled('backpressure', waitMs / 1000);
      await wait(waitMs, undefined, { signal: work.signal });
    }
    open = busy;
  }
  return outcomes;
}

function withFingerprint(failure: { document: string; reason: string; detail: string }): DocumentFailure {
  // Digits and quoted texts differ from document to document; what is left is the cause.
  const cause = failure.detail.replace(/"[^"]*"|'[^']*'|\d+/g, '…');
  const fingerprint = createHash('sha256').update(`${failure.reason} ${cause}`).digest('hex').slice(0, 16);
  return { ...failure, fingerprint };
}
