import {
  type DifferenceKind,
  type Differences,
  type Key,
  NO_DIFFERENCES,
  type RunStatus,
  type Tally,
} from '@reindeer/core';
import type { PoolClient } from 'pg';
import { type Ledger, query, transaction } from '../ledger.ts';
import { moveToFinish } from '../run/moveToFinish.ts';
import { storableText } from '../storableText.ts';
import { setTally, tallyValues } from './tallyColumns.ts';
import type { DueTask, TaskId } from './task.ts';

export interface DocumentFailure {
  readonly document: string;
  readonly reason: string;
  readonly detail: string;
  /** Groups failures of the same cause. */
  readonly fingerprint: string;
}

/** An example of what a refresh or verify found. */
export interface DifferenceExample {
  readonly kind: DifferenceKind;
  readonly document: string;
  /** How the two differ, without contents. */
  readonly detail: string;
}

/** Examples kept of each kind, of a run. */
const EXAMPLES = 20;

export interface SliceCheckpoint {
  /** One more than the last; the same again repeats nothing (I3). */
  readonly sequence: number;
  readonly cursor: Key | null;
  /** Absolute totals of the slice, so that repeating changes nothing. */
  readonly tally: Tally;
  readonly bytes: number;
  /** Documents refused since the last checkpoint. */
  readonly failures: readonly DocumentFailure[];
  /** What a refresh or verify has found; absent: nothing. */
  readonly found?: {
    /** Absolute totals of the slice. */
    readonly differences: Differences;
    /** Of those since the last checkpoint. */
    readonly examples: readonly DifferenceExample[];
  };
  /** The slice is done. */
  readonly complete: boolean;
}

export type CheckpointResult =
  | {
      readonly kind: 'recorded';
      readonly runStatus: RunStatus;
      /** Failed documents of the whole run; only counted when this checkpoint brought some. */
      readonly runFailed: number | null;
      /** The run's finish task, when this completed its last slice. */
      readonly finish: DueTask | null;
    }
  | { readonly kind: 'lost' };

/**
 * Records what the sink has durably acknowledged (I2), under the claim's token (I3). The checkpoint that completes the
 * last slice of a fully planned run moves the run on in the same transaction.
 */
export async function checkpointSlice(
  ledger: Ledger,
  task: TaskId & { token: string },
  checkpoint: SliceCheckpoint,
): Promise<CheckpointResult> {
  const examples = checkpoint.found?.examples ?? [];
  if (!checkpoint.complete && checkpoint.failures.length === 0 && examples.length === 0) {
    const status = await record(ledger, task, checkpoint);
    return status === null ? { kind: 'lost' } : { kind: 'recorded', runStatus: status, runFailed: null, finish: null };
  }
  return transaction(ledger, async (client) => {
    if (checkpoint.complete) await client.query(`select 1 from runs where run = $1 for no key update`, [task.run]);
    const status = await record(client, task, checkpoint);
    if (status === null) return { kind: 'lost' };
    const runFailed = checkpoint.failures.length === 0 ? null : await recordFailures(client, task, checkpoint.failures);
    await recordExamples(client, task, examples);
    const finish = checkpoint.complete ? await moveToFinish(client, task.run) : null;
    return { kind: 'recorded', runStatus: status, runFailed, finish };
  });
}

async function record(
  on: Ledger | PoolClient,
  task: TaskId & { token: string },
  checkpoint: SliceCheckpoint,
): Promise<RunStatus | null> {
  const differences = checkpoint.found?.differences ?? NO_DIFFERENCES;
  // A repeated sequence number matches too, and writes the same absolute values again.
  const [row] = await query<{ run_status: RunStatus }>(
    on,
    `update tasks t
        set checkpoint = $5, cursor = $6::jsonb, bytes = $7, missing = $9, extra = $10, stale = $11, ${setTally(12)},
            attempts = case when t.checkpoint < $5 and t.cursor is distinct from $6::jsonb then 0 else t.attempts end,
            error = case when t.cursor is distinct from $6::jsonb then null else t.error end,
            failing_since = case when t.cursor is distinct from $6::jsonb then null else t.failing_since end,
            progressed_at = now(),
            status = case when $8 then 'completed' else t.status end,
            finished_at = case when $8 then coalesce(t.finished_at, now()) else t.finished_at end
       from runs r
      where t.run = $1 and t.kind = $2 and t.number = $3 and t.claim_token = $4
        and t.checkpoint in ($5 - 1, $5) and t.status in ('running', 'completed') and r.run = t.run
      returning r.status as run_status`,
    [
      task.run,
      task.kind,
      task.number,
      task.token,
      checkpoint.sequence,
      checkpoint.cursor === null ? null : JSON.stringify(checkpoint.cursor),
      checkpoint.bytes,
      checkpoint.complete,
      differences.missing,
      differences.extra,
      differences.stale,
      ...tallyValues(checkpoint.tally),
    ],
  );
  return row?.run_status ?? null;
}

async function recordExamples(client: PoolClient, task: TaskId, examples: readonly DifferenceExample[]): Promise<void> {
  if (examples.length === 0) return;
  await client.query(
    `insert into differences (run, kind, document, detail)
     select $1, e.kind, e.document, e.detail
       from (select f.*, row_number() over (partition by f.kind order by f.document) as nth
               from jsonb_to_recordset($2::jsonb) as f(kind text, document text, detail text)) e
      where e.nth + (select count(*) from differences d where d.run = $1 and d.kind = e.kind) <= ${EXAMPLES}
      order by e.kind, e.document
     on conflict do nothing`,
    [
      task.run,
      JSON.stringify(examples, (_, value: unknown) => (typeof value === 'string' ? storableText(value) : value)),
    ],
  );
}

export async function recordFailures(
  client: PoolClient,
  task: TaskId,
  failures: readonly DocumentFailure[],
): Promise<number> {
  await client.query(
    `insert into failures (run, slice, index, generation, document, reason, detail, fingerprint)
     select distinct on (f.document) r.run, $2, r.index, r.generation, f.document, f.reason, f.detail, f.fingerprint
       from runs r, jsonb_to_recordset($3::jsonb) as f(document text, reason text, detail text, fingerprint text)
      where r.run = $1 order by f.document
     on conflict (run, document) do update set reason = excluded.reason, detail = excluded.detail, failed_at = now()`,
    [
      task.run,
      task.number,
      // A document that fails twice, or two whose shortened ids are the same, are one row, and written in one order.
      JSON.stringify(failures, (_, value: unknown) => (typeof value === 'string' ? storableText(value) : value)),
    ],
  );
  const [row] = await query<{ failed: string }>(
    client,
    `select sum(failed) as failed from tasks where run = $1 and kind = 'slice'`,
    [task.run],
  );
  return Number(row?.failed ?? 0);
}
