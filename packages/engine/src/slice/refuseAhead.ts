import type { Outcome, Ticket } from '@reindeer/core';
import { RESERVE_MICROSECONDS } from '../tickets.ts';

/**
 * A write that lost against a version above every ticket that can have been drawn was lost to somebody who sets versions
 * of their own, or to a ledger that went back: counted as overtaken, the document would stay wrong in silence (rule 2).
 * It is refused by itself, with the remedy: one such document must not keep its whole shard from being refreshed, and
 * where there are many the error budget ends the run.
 */
export function refuseAhead(ticket: Ticket, outcomes: readonly Outcome[]): readonly Outcome[] {
  const bound = ticket + RESERVE_MICROSECONDS;
  return outcomes.map((outcome) => {
    if (outcome.kind !== 'superseded' || (outcome.by ?? 0) <= bound) return outcome;
    return {
      kind: 'rejected',
      reason: 'ticket-behind',
      detail: `The index holds it with version ${outcome.by}, above every ticket drawn so far (${ticket}): something else wrote it with a version of its own, or the ledger was restored. Delete the document there, and a refresh writes it again (OpenSearch remembers the deleted version for index.gc_deletes, an hour); or run a rebuild, which makes a new index.`,
    };
  });
}
