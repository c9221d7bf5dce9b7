import { type Outcome, RefusedError, type Ticket } from '@reindeer/core';
import { RESERVE_MICROSECONDS } from '../tickets.ts';

/**
 * A write that lost against a version above every ticket that can have been drawn was lost to a ledger that went back,
 * or to somebody who sets versions of his own: the index would stay as it is in silence (rule 2).
 * @throws RefusedError `ticket-behind`.
 */
export function refuseAhead(ticket: Ticket, outcomes: readonly Outcome[]): void {
  const bound = ticket + RESERVE_MICROSECONDS;
  const ahead = outcomes.find((outcome) => outcome.kind === 'superseded' && (outcome.by ?? 0) > bound);
  if (ahead === undefined || ahead.kind !== 'superseded') return;
  throw new RefusedError(
    'ticket-behind',
    `The sink holds a version, ${ahead.by}, above every ticket drawn so far (${ticket}). If the ledger was restored, start a rebuild, which goes on above it; if something else writes to this index with versions of its own, stop it.`,
  );
}
