import type { Sink } from '@reindeer/connectors';
import { RefusedError, type Ticket } from '@reindeer/core';
import { type ClaimedTask, drawTicket, type Ledger, noteTicketBound } from '@reindeer/ledger';

/** How far ahead of the tickets the coarse bound in a generation's metadata is written (rule 2), in microseconds. */
export const RESERVE_MICROSECONDS = 3_600_000_000;
const RENEW_BELOW_MICROSECONDS = RESERVE_MICROSECONDS / 2;

/**
 * Draws tickets for a claimed task that writes to its generation, and keeps the bound in the generation's metadata
 * ahead of them: a ticket above the bound is not given out before the sink has the new bound.
 */
export function ticketDrawer(
  ledger: Ledger,
  sink: Sink,
  task: ClaimedTask,
  signal: AbortSignal,
): () => Promise<Ticket> {
  const generation = task.generation;
  if (generation === null) throw new RefusedError('generation-gone', `Run ${task.run} has no generation to write to.`);
  let reserving: Promise<number> | null = null;
  let known = generation.ticketBound;

  const reserve = (from: Ticket): Promise<number> => {
    reserving ??= (async () => {
      const bound = from + RESERVE_MICROSECONDS;
      await sink.reserve({ index: task.index, name: generation.name }, bound, signal);
      await noteTicketBound(ledger, generation.id, bound);
      known = Math.max(known, bound);
      return known;
    })().finally(() => {
      reserving = null;
    });
    return reserving;
  };

  return async () => {
    const drawn = await drawTicket(ledger, task);
    known = Math.max(known, drawn.bound);
    if (drawn.ticket >= known) await reserve(drawn.ticket);
    // Not awaited: there is half an hour left, and the next draw asks again if this fails.
    else if (known - drawn.ticket < RENEW_BELOW_MICROSECONDS) void reserve(drawn.ticket).catch(() => {});
    return drawn.ticket;
  };
}
