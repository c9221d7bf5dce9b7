import { randomUUID } from 'node:crypto';
import {
  type Key,
  type Lane,
  NO_OPTIONS,
  type RunOptions,
  type RunPhase,
  type RunStatus,
  type Tally,
  type TaskStatus,
  transitionTask,
} from '@reindeer/core';
import type { PoolClient } from 'pg';
import { HOLDS_RUN } from '../hold/setHold.ts';
import { type Ledger, query, transaction } from '../ledger.ts';
import { moveRun } from '../run/moveRun.ts';
import { settleIdle } from '../run/settleIdle.ts';
import { readTally, selectTally } from './tallyColumns.ts';
import type { ClaimedTask, ClaimRefusal, SliceWork, TaskId, TaskKind } from './task.ts';

interface Row {
  status: TaskStatus;
  delivery: number;
  claim_token: string | null;
  held: boolean;
  wait_ms: number;
  owner_lease_ms: number | null;
}

interface ClaimRow extends Readonly<Record<keyof Tally, string>> {
  claim_no: number;
  options: Partial<RunOptions>;
  by_hand: boolean;
  phase: RunPhase;
  shard: number;
  run_shard: number;
  work: SliceWork;
  missing: string;
  extra: string;
  stale: string;
  adopted: boolean | null;
  after: Key | null;
  up_to: Key | null;
  cursor: Key | null;
  checkpoint: string;
  bytes: string;
  estimate: string;
  attempts: number;
  slices: number;
  planned: boolean;
  expected: string | null;
  generation: string | null;
  generation_name: string | null;
  ticket_bound: string | null;
}

export type Claim = { readonly kind: 'claimed'; readonly task: ClaimedTask } | ClaimRefusal;

/**
 * Takes a delivered task for a worker process (I3): gives it a new number and a random token, which every later
 * write of the owner is compared with. A task whose owner's lease lives is refused until that ends.
 * `definition`: the number of the worker's own definition of the index, null when the ledger does not know it (rule 12).
 */
export async function claimTask(
  ledger: Ledger,
  task: TaskId & { delivery: number },
  by: { worker: string; definition: number | null; token?: string },
): Promise<Claim> {
  const token = by.token ?? randomUUID();
  return transaction(ledger, async (client) => {
    // Runs are locked before tasks, everywhere, so that nobody waits in a circle.
    const [run] = await query<{ status: RunStatus; definition: number }>(
      client,
      `select status, definition from runs where run = $1 for no key update`,
      [task.run],
    );
    if (run === undefined) return { kind: 'void', reason: 'superseded' };
    const [row] = await query<Row>(
      client,
      `select t.status, t.delivery, t.claim_token,
              exists (select 1 from runs r join holds h on ${HOLDS_RUN} where r.run = t.run) as held,
              greatest(0, ceil(extract(epoch from t.not_before - now()) * 1000))::float8 as wait_ms,
              (select ceil(extract(epoch from w.lease_until - now()) * 1000)::float8
                 from workers w where w.worker = t.owner and w.stopped_at is null) as owner_lease_ms
         from tasks t where t.run = $1 and t.kind = $2 and t.number = $3 for update of t`,
      [task.run, task.kind, task.number],
    );
    const again = row?.status === 'running' && row.claim_token === token;
    if (!again) {
      const refusal = refuse(task, run, row, by.definition);
      if (refusal !== null) return refusal;
      if (row?.held) {
        // Set while the run was being opened or retried, and so not seen by it.
        await moveRun(client, task.run, 'pause-asked');
        await settleIdle(client, task.run);
        return { kind: 'void', reason: 'paused' };
      }
    }
    await moveRun(client, task.run, 'claim');
    return { kind: 'claimed', task: await take(client, task, by.worker, token) };
  });
}

function refuse(
  task: { delivery: number },
  run: { status: RunStatus; definition: number },
  row: Row | undefined,
  definition: number | null,
): ClaimRefusal | null {
  if (row === undefined || row.delivery !== task.delivery) return { kind: 'void', reason: 'superseded' };
  if (transitionTask(row.status, 'claim') === null) {
    return { kind: 'void', reason: row.status === 'cancelled' ? 'cancelled' : 'superseded' };
  }
  if (run.status === 'cancelling') return { kind: 'void', reason: 'cancelled' };
  // Resuming delivers again under a new number, so this job may go.
  if (run.status === 'pausing' || run.status === 'paused') return { kind: 'void', reason: 'paused' };
  if (run.status !== 'queued' && run.status !== 'running') return { kind: 'void', reason: 'cancelled' };
  if (definition !== run.definition) return { kind: 'later', reason: 'definition-mismatch', delayMs: 3_000 };
  if (row.status === 'running' && (row.owner_lease_ms ?? 0) > 0) {
    return { kind: 'later', reason: 'overlap', delayMs: Math.min(row.owner_lease_ms ?? 0, 5_000) };
  }
  if (row.status === 'queued' && row.wait_ms > 0) return { kind: 'later', reason: 'backing-off', delayMs: row.wait_ms };
  return null;
}

async function take(client: PoolClient, task: TaskId, worker: string, token: string): Promise<ClaimedTask> {
  const [row] = await query<ClaimRow & { index: string; lane: Lane; nonce: string; definition: number }>(
    client,
    `update tasks t
        set status = 'running', owner = $4, claim_token = $5, absent_sweeps = 0,
            claim_no = t.claim_no + case when t.status = 'running' and t.claim_token = $5 then 0 else 1 end,
            attempts = t.attempts + case when t.status = 'running' and t.claim_token <> $5 then 1 else 0 end,
            failing_since = case when t.status = 'running' and t.claim_token <> $5 then coalesce(t.failing_since, now())
                            else t.failing_since end,
            let_go_at = case when t.status = 'running' and t.claim_token <> $5 then now() else t.let_go_at end,
            started_at = coalesce(t.started_at, now()), progressed_at = now()
       from runs r left join generations g on g.generation = r.generation
      where t.run = $1 and t.kind = $2 and t.number = $3 and r.run = t.run
      returning t.claim_no, t.shard, t.work, t.missing, t.extra, t.stale, t.after, t.up_to, t.cursor, t.checkpoint, t.bytes, t.estimate, t.attempts,
        ${selectTally('t')},
        r.options, r.trigger = 'manual' as by_hand, r.shard as run_shard, r.phase, r.index, r.lane, r.nonce, r.definition, r.expected, r.planned_at is not null as planned,
        r.generation, g.name as generation_name, g.ticket_bound, g.run = 0 as adopted,
        (select coalesce(max(s.number), 0) from tasks s where s.run = r.run and s.kind = 'slice')::int as slices`,
    [task.run, task.kind, task.number, worker, token],
  );
  if (row === undefined) throw new Error(`Task ${task.run}/${task.kind}/${task.number} vanished under its lock.`);
  return {
    run: task.run,
    kind: task.kind as TaskKind,
    number: task.number,
    token,
    claimNumber: row.claim_no,
    index: row.index,
    lane: row.lane,
    runShard: row.run_shard,
    nonce: row.nonce,
    phase: row.phase,
    definition: row.definition,
    options: { ...NO_OPTIONS, ...row.options },
    byHand: row.by_hand,
    shard: row.shard,
    work: row.work,
    after: row.after,
    upTo: row.up_to,
    cursor: row.cursor,
    checkpoint: Number(row.checkpoint),
    tally: readTally(row),
    differences: { missing: Number(row.missing), extra: Number(row.extra), stale: Number(row.stale) },
    bytes: Number(row.bytes),
    estimate: Number(row.estimate),
    attempts: row.attempts,
    slices: row.slices,
    plannedAll: row.planned,
    expected: row.expected === null ? null : Number(row.expected),
    generation:
      row.generation === null || row.generation_name === null
        ? null
        : {
            id: Number(row.generation),
            name: row.generation_name,
            ticketBound: Number(row.ticket_bound),
            adopted: row.adopted ?? false,
          },
  };
}
