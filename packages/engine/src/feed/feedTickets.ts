import type { Ticket } from '@reindeer/core';
import type { FeedTarget } from '@reindeer/ledger';
import { ticketDrawerOf } from '../tickets.ts';
import type { OwnedFeed } from './ownedFeed.ts';

/** Draws tickets under the feed's claim for writes to these targets. */
export function feedTickets(
  { context, index, task, signal }: OwnedFeed,
  targets: readonly FeedTarget[],
): () => Promise<Ticket> {
  const generations = targets.map(({ generation: id, name, ticketBound }) => ({ id, name, ticketBound }));
  return ticketDrawerOf(context.ledger, index.sink, task, generations, signal);
}
