import type { Operation, Outcome } from '../operation.ts';
import { EMPTY_TALLY, type Tally } from '../tally.ts';

export interface OutcomeSum {
  /** Without `read`, which the sink does not know. */
  readonly tally: Tally;
  readonly failures: readonly { readonly document: string; readonly reason: string; readonly detail: string }[];
  /** Writes that met a newer version. In a generation that has not joined the feed this is an error (rule 15). */
  readonly superseded: readonly Operation[];
}

/** What became of a batch. Every operation must have its outcome, and none may still be busy. */
export function sumOutcomes(operations: readonly Operation[], outcomes: readonly Outcome[]): OutcomeSum {
  if (operations.length !== outcomes.length) {
    throw new Error(`${operations.length} operations, but ${outcomes.length} outcomes.`);
  }
  const counts: Record<keyof Tally, number> = { ...EMPTY_TALLY };
  const failures: OutcomeSum['failures'][number][] = [];
  const superseded: Operation[] = [];
  operations.forEach((operation, at) => {
    const outcome = outcomes[at] as Outcome;
    switch (outcome.kind) {
      case 'written':
      case 'deleted':
      case 'unchanged':
        counts[outcome.kind] += 1;
        return;
      case 'superseded':
        counts.superseded += 1;
        superseded.push(operation);
        return;
      case 'rejected':
        counts.failed += 1;
        failures.push({ document: operation.id, reason: outcome.reason, detail: outcome.detail });
        return;
      case 'busy':
        throw new Error(`Document ${operation.id} is still busy.`);
    }
  });
  return { tally: counts, failures, superseded };
}
