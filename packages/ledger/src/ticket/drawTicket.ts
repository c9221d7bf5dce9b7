import { RefusedError, type Ticket } from '@reindeer/core';
import { type Ledger, query } from '../ledger.ts';
import type { TaskId } from '../task/task.ts';

export interface DrawnTicket {
  readonly ticket: Ticket;
  /** The coarse bound in the generation's metadata, below which the ticket must lie (rule 2). */
  readonly bound: Ticket;
}

/**
 * Draws a ticket under the claim's token (rule 1). The row lock makes a takeover wait for the draw, or the draw see
 * the takeover.
 * @throws RefusedError `lost-claim` when the token is no longer the task's.
 */
export async function drawTicket(ledger: Ledger, task: TaskId & { token: string }): Promise<DrawnTicket> {
  const [row] = await query<{ ticket: string; bound: string | null }>(
    ledger,
    `with claim as materialized (
       select r.generation from tasks t join runs r on r.run = t.run
        where t.run = $1 and t.kind = $2 and t.number = $3 and t.claim_token = $4 and t.status = 'running'
          for share of t)
     select draw_ticket() as ticket,
            (select g.ticket_bound from generations g where g.generation = claim.generation) as bound
       from claim`,
    [task.run, task.kind, task.number, task.token],
  );
  if (row === undefined) throw lostClaim(task);
  return { ticket: Number(row.ticket), bound: Number(row.bound ?? 0) };
}

/** Tickets go on above `floor` from now on: the highest bound that a sink's generations carry. False: they were already. */
export async function raiseTickets(ledger: Ledger, floor: Ticket): Promise<boolean> {
  if (!Number.isSafeInteger(floor)) throw new RangeError(`Ticket ${floor} is not a safe integer.`);
  const [row] = await query<{ raised: boolean }>(ledger, `select raise_tickets($1) as raised`, [floor]);
  return row?.raised ?? false;
}

export function lostClaim(task: TaskId): RefusedError {
  return new RefusedError(
    'lost-claim',
    `The claim on ${task.kind} ${task.number} of run ${task.run} is lost: another worker has it, or the run has ended.`,
  );
}
