import type { Sink } from '@reindeer/connectors';
import { RefusedError, type Ticket } from '@reindeer/core';
import { type ClaimedTask, drawTicket, type Ledger, noteTicketBound } from '@reindeer/ledger';

/** How far ahead of the tickets the coarse bound in a generation's metadata is written (rule 2), in microseconds. */
export const RESERVE_MICROSECONDS = 3_600_000_000;
const RENEW_BELOW_MICROSECONDS = RESERVE_MICROSECONDS / 2;

/** A generation that is written to. */
export interface TicketedGeneration {
  readonly id: number;
  readonly name: string;
  readonly ticketBound: Ticket;
}

/** Draws tickets for a claimed task that writes to its generation. */
export function ticketDrawer(
  ledger: Ledger,
  sink: Sink,
  task: ClaimedTask,
  signal: AbortSignal,
): () => Promise<Ticket> {
  if (task.generation === null)
    throw new RefusedError('generation-gone', `Run ${task.run} has no generation to write to.`);
  return ticketDrawerOf(ledger, sink, task, [task.generation], signal);
}

/**
 * Draws tickets under the task's claim for writes to these generations, and keeps the bound in each one's metadata ahead of
 * them: a ticket above a bound is not given out before the sink has the new bound.
 */
export function ticketDrawerOf(
  ledger: Ledger,
  sink: Sink,
  task: ClaimedTask,
  generations: readonly TicketedGeneration[],
  signal: AbortSignal,
): () => Promise<Ticket> {
  const bounds = generations.map(({ ticketBound }) => ticketBound);
  const reserving = new Map<number, Promise<void>>();

  const reserve = (at: number, from: Ticket): Promise<void> => {
    const { id, name } = generations[at] as TicketedGeneration;
    const under = reserving.get(at);
    if (under !== undefined) return under;
    const work = (async () => {
      const bound = from + RESERVE_MICROSECONDS;
      await sink.reserve({ index: task.index, name }, bound, signal);
      await noteTicketBound(ledger, id, bound);
      bounds[at] = Math.max(bounds[at] ?? 0, bound);
    })().finally(() => reserving.delete(at));
    reserving.set(at, work);
    return work;
  };

  return async () => {
    const { ticket, bound } = await drawTicket(ledger, task);
    for (const [at, { id }] of generations.entries()) {
      // Another task of the same generation may have reserved more.
      if (id === task.generation?.id) bounds[at] = Math.max(bounds[at] ?? 0, bound);
      const known = bounds[at] ?? 0;
      if (ticket >= known) await reserve(at, ticket);
      // Not awaited: there is half an hour left, and the next draw asks again if this fails.
      else if (known - ticket < RENEW_BELOW_MICROSECONDS) void reserve(at, ticket).catch(() => {});
    }
    return ticket;
  };
}
