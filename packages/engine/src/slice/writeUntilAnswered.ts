import { setTimeout as wait } from 'node:timers/promises';
import type { GenerationRef } from '@reindeer/connectors';
import type { Operation, Outcome } from '@reindeer/core';
import type { EngineContext, OpenIndex } from '../context.ts';

export interface WriteWork {
  readonly generation: GenerationRef;
  readonly signal: AbortSignal;
  /** Called when the sink asked for less: the next pages are smaller. */
  readonly onBusy: () => void;
}

/** Writes until every operation has an outcome. A busy sink is asked again, slower. */
export async function writeUntilAnswered(
  context: EngineContext,
  index: OpenIndex,
  operations: readonly Operation[],
  work: WriteWork,
): Promise<readonly Outcome[]> {
  const began = performance.now();
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
  context.observer.batch('write', (performance.now() - began) / 1000);
  return outcomes;
}
