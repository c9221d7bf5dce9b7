import type { Ticket } from '@reindeer/core';
import type { ClaimedTask, FeedTarget } from '@reindeer/ledger';
import type { EngineContext, OpenIndex } from '../context.ts';
import { ticketDrawerOf } from '../tickets.ts';

/** Draws tickets under the feed's claim for writes to these targets. */
export function feedTickets(
  { ledger }: EngineContext,
  { sink }: OpenIndex,
  task: ClaimedTask,
  targets: readonly FeedTarget[],
  signal: AbortSignal,
): () => Promise<Ticket> {
  const generations = targets.map(({ generation: id, name, ticketBound }) => ({ id, name, ticketBound }));
  return ticketDrawerOf(ledger, sink, task, generations, signal);
}
