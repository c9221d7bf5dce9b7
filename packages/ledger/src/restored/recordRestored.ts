import type { PoolClient } from 'pg';
import { leaveOtherRows } from '../definition/leaveOtherRows.ts';
import { noteKeysAnew } from '../feed/noteKeysAnew.ts';
import {
  ADOPTED_COLUMNS,
  adoptedRow,
  adoptedValues,
  type FoundGeneration,
  UNKNOWN_DEFINITION,
} from '../generation/foundGeneration.ts';
import { type Ledger, query, transaction } from '../ledger.ts';
import { moveRun } from '../run/moveRun.ts';
import { settleIdle } from '../run/settleIdle.ts';
import { DUE_TASK_COLUMNS, type DueTaskRow, toDueTask } from '../task/dueTask.ts';
import type { DueTask } from '../task/task.ts';
import { swapUnderWay } from './swapUnderWay.ts';

export type Restored =
  /** A run is about to record the very swap that was seen. */
  | { readonly kind: 'swap-under-way' }
  | {
      readonly kind: 'recorded';
      /** Tasks whose claims and deliveries are void; they must be delivered. */
      readonly due: readonly DueTask[];
    };

/** Further than a ledger goes back: jobs of the deliveries it forgot may be in the queue still, under their numbers. */
const DELIVERIES_FORGOTTEN = 1_000;

/**
 * Brings a ledger that went back in time up to what the sink shows of an index (rule 17), in one transaction: what is
 * live there is live here, known or not, with a refresh owed, because nobody knows what was written since; generations
 * that the sink has no more are dropped; every claim on the index is void, and its tasks are due again, as are requested keys
 * that came from another cluster. Raise the tickets before.
 */
export async function recordRestored(
  ledger: Ledger,
  index: string,
  found: {
    readonly held: readonly FoundGeneration[];
    readonly live: { readonly name: string; readonly epoch: number } | null;
    /** Of the refresh that is owed. */
    readonly cause: 'ledger-restored' | 'sink-failed-over';
  },
): Promise<Restored> {
  return transaction(ledger, async (client) => {
    // Runs before their index, as planners and configurations do.
    await client.query(`select 1 from runs where index = $1 and finished_at is null order by run for no key update`, [
      index,
    ]);
    await client.query(`select 1 from indexes where index = $1 for update`, [index]);
    const { live } = found;
    if (live !== null && (await swapUnderWay(client, index, live.name))) return { kind: 'swap-under-way' };
    await client.query(
      `update generations g set ticket_bound = greatest(g.ticket_bound, h.bound)
         from jsonb_to_recordset($2::jsonb) as h(name text, nonce text, bound bigint)
        where g.index = $1 and g.name = h.name and g.nonce = h.nonce`,
      [index, JSON.stringify(found.held.map(({ name, nonce, ticketBound }) => ({ name, nonce, bound: ticketBound })))],
    );
    const metadata = found.held.find(({ name }) => name === live?.name);
    if (live !== null && metadata !== undefined) await takeIn(client, index, metadata, live.epoch, found.cause);
    await client.query(
      `update generations set state = 'dropped', dropped_at = now()
        where index = $1 and state in ('retained', 'failed', 'dropping') and not (name = any($2))`,
      [index, found.held.map(({ name }) => name)],
    );
    await noteKeysAnew(client);
    return { kind: 'recorded', due: await voidClaims(client, index) };
  });
}

async function takeIn(
  client: PoolClient,
  index: string,
  found: FoundGeneration,
  epoch: number,
  cause: string,
): Promise<void> {
  await client.query(
    `update generations set state = 'retained', retired_at = now() where index = $1 and state = 'live' and name <> $2`,
    [index, found.name],
  );
  const known = await query<{ generation: string; run: string }>(
    client,
    `update generations
        set state = 'live', epoch = $3, promoted_at = case when state = 'live' then promoted_at else now() end,
            retired_at = null, soak_until = null, stale_reason = null
      where index = $1 and name = $2 returning generation, run`,
    [index, found.name, epoch],
  );
  const row = known[0] ?? (await adopt(client, index, found, epoch));
  // It was promoted: nothing is left to do for the run that built it.
  await moveRun(client, Number(row.run), 'task-failed', {
    reason: 'ledger-restored',
    error: `Its generation ${found.name} is live already: the ledger was restored from before that.`,
  });
  await leaveOtherRows(client, index);
  await client.query(
    `select owe_refresh(generation, $2) from generations where generation = $1 and definition <> ${UNKNOWN_DEFINITION}`,
    [row.generation, cause],
  );
}

async function adopt(client: PoolClient, index: string, found: FoundGeneration, epoch: number) {
  // What has its number is another one, made by a ledger that had forgotten it.
  const [row] = await query<{ generation: string; run: string }>(
    client,
    `insert into generations (${ADOPTED_COLUMNS})
     select ${adoptedRow(`case when exists (select from generations where index = $1 and number = $2)
                     then (select max(number) + 1 from generations where index = $1) else $2::int end`)}
     returning generation, run`,
    adoptedValues(index, found, epoch),
  );
  if (row === undefined) throw new Error('The ledger adopted nothing.');
  return row;
}

/** Owners lose their claims, and waiting jobs their delivery: what they know is of a time that the ledger has forgotten. */
async function voidClaims(client: PoolClient, index: string): Promise<DueTask[]> {
  await client.query(
    `update tasks t
        set status = 'queued', owner = null, claim_token = null, absent_sweeps = 0, not_before = now(),
            delivery = t.delivery + ${DELIVERIES_FORGOTTEN}
       from runs r
      where r.run = t.run and r.index = $1 and r.finished_at is null and t.status in ('queued', 'running')`,
    [index],
  );
  const runs = await query<{ run: string }>(
    client,
    `select run from runs where index = $1 and status in ('pausing', 'cancelling') order by run`,
    [index],
  );
  for (const { run } of runs) await settleIdle(client, Number(run));
  const rows = await query<DueTaskRow>(
    client,
    `select ${DUE_TASK_COLUMNS} from tasks t join runs r on r.run = t.run
      where r.index = $1 and t.status = 'queued' and r.status in ('queued', 'running') order by t.run, t.number`,
    [index],
  );
  return rows.map(toDueTask);
}
