import { EMPTY_TALLY, sumOutcomes, type Tally } from '@reindeer/core';
import type { EngineContext, OpenIndex } from '../context.ts';
import type { Refusal } from '../transform/prepare.ts';
import type { Looking, Sight } from './lookAgain.ts';
import { refuseAhead } from './refuseAhead.ts';
import { writeUntilAnswered } from './writeUntilAnswered.ts';

/** Writes what the second look read of documents that differ. */
export async function repair(
  context: EngineContext,
  index: OpenIndex,
  looking: Looking,
  found: readonly Extract<Sight, { kind: 'different' }>[],
  how: { readonly onBusy: () => void; readonly signal: AbortSignal },
): Promise<{ readonly tally: Tally; readonly refusals: readonly Refusal[]; readonly bytes: number }> {
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
