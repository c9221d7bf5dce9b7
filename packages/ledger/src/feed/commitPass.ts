import type { RunStatus, Tally } from '@reindeer/core';
import type { PoolClient } from 'pg';
import { type Ledger, query, transaction } from '../ledger.ts';
import { type DocumentFailure, recordFailures } from '../task/checkpointSlice.ts';
import type { TaskId } from '../task/task.ts';
import { lostClaim } from '../ticket/drawTicket.ts';
import type { StoredPosition } from './position.ts';

export interface PassEnd extends PassTotals {
  /** The ledger's time when it began. */
  readonly at: string;
  readonly targets: readonly {
    readonly generation: number;
    /** Its position when the pass began: it moves only if it is still that. */
    readonly from: StoredPosition;
    readonly incarnation: string;
  }[];
  /** The snapshot of the source that was applied. */
  readonly upTo: StoredPosition;
  /** The snapshot of the ledger whose requested keys were applied; null: there were none, and the positions stay. */
  readonly requested: string | null;
  /** Why every target owes a refresh now. */
  readonly owed: readonly string[];
}

/** What the feed's slice has done, in absolute totals, and what it could not do since the last time. */
export interface PassTotals {
  readonly tally: Tally;
  readonly bytes: number;
  readonly failures: readonly DocumentFailure[];
}

/**
 * Ends a pass: every page of it is acknowledged. In one transaction under the claim's token each target's position moves,
 * if it is still what it was, and what no key could say is owed (rules 3, 9). The same again changes nothing.
 * @throws RefusedError `lost-claim`
 */
export async function commitPass(ledger: Ledger, task: TaskId & { token: string }, pass: PassEnd): Promise<RunStatus> {
  return transaction(ledger, async (client) => {
    const status = await recordTotals(client, task, pass, null);
    for (const { generation, from, incarnation } of pass.targets) {
      const moved = await query(
        client,
        `update consumers
            set position = $3, passed_at = $4, incarnation = $5,
                echo_to = coalesce(echo_to, $3), echo_at = case when echo_to is null then now() else echo_at end
          where generation = $1 and log = 'source' and position = $2 and invalid_at is null returning 1`,
        [generation, JSON.stringify(from), JSON.stringify(pass.upTo), pass.at, incarnation],
      );
      if (moved.length === 0) continue;
      if (pass.requested !== null) {
        await client.query(
          `update consumers set position = jsonb_build_object('system', ledger_system(), 'at', $2::text)
            where generation = $1 and log = 'requested'`,
          [generation, pass.requested],
        );
      }
      for (const cause of pass.owed) await client.query(`select owe_refresh($1, $2)`, [generation, cause]);
    }
    return status;
  });
}

/** Notes how far a long pass has come, for whoever takes it on. @throws RefusedError `lost-claim` */
export async function notePass(
  ledger: Ledger,
  task: TaskId & { token: string },
  totals: PassTotals,
  left: string,
): Promise<RunStatus> {
  return transaction(ledger, (client) => recordTotals(client, task, totals, left));
}

async function recordTotals(
  client: PoolClient,
  task: TaskId & { token: string },
  { tally, bytes, failures }: PassTotals,
  left: string | null,
): Promise<RunStatus> {
  const [row] = await query<{ status: RunStatus }>(
    client,
    `update tasks t
        set cursor = $13, read = $5, written = $6, unchanged = $7, superseded = $8, filtered = $9, deleted = $10, failed = $11,
            bytes = $12, checkpoint = t.checkpoint + case when $13::jsonb is null then 1 else 0 end,
            attempts = 0, error = null, failing_since = null, progressed_at = now()
       from runs r
      where t.run = $1 and t.kind = $2 and t.number = $3 and t.claim_token = $4 and t.status = 'running' and r.run = t.run
      returning r.status`,
    [
      task.run,
      task.kind,
      task.number,
      task.token,
      tally.read,
      tally.written,
      tally.unchanged,
      tally.superseded,
      tally.filtered,
      tally.deleted,
      tally.failed,
      bytes,
      left === null ? null : JSON.stringify([left]),
    ],
  );
  if (row === undefined) throw lostClaim(task);
  if (failures.length > 0) await recordFailures(client, task, failures);
  return row.status;
}
