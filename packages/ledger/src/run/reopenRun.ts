import { isShardLane, type Lane, placeOf } from '@reindeer/core';
import { DatabaseError } from 'pg';
import { type Ledger, query, transaction } from '../ledger.ts';
import { DUE_TASK_COLUMNS, type DueTaskRow, toDueTask } from '../task/dueTask.ts';
import type { DueTask } from '../task/task.ts';
import { moveRun } from './moveRun.ts';

export type ReopenedRun =
  | { readonly kind: 'reopened'; readonly due: readonly DueTask[] }
  | {
      readonly kind: 'refused';
      readonly reason: 'overlap' | 'generation-gone' | 'definition-mismatch' | 'no-changes';
      readonly detail: string;
    };

/** Runs again only what failed or was cancelled of a failed run: what was done keeps its checkpoints. */
export async function reopenRun(ledger: Ledger, run: number): Promise<ReopenedRun> {
  try {
    return await transaction(ledger, async (client) => {
      const [row] = await query<{
        index: string;
        lane: Lane;
        options: { shards?: readonly number[]; place?: string; generation?: number | null };
        shard: number;
        status: string;
        generation: string | null;
        current: boolean;
      }>(
        client,
        `select r.index, r.lane, r.shard, r.options, r.status, r.generation,
                r.definition = (select max(d.number) from definitions d where d.index = r.index) as current
           from runs r where r.run = $1 for no key update`,
        [run],
      );
      if (row === undefined || row.status !== 'failed') {
        const state = row === undefined ? 'does not exist' : `is ${row.status}`;
        return refused('no-changes', `Run ${run} ${state}; only a failed run can be retried.`);
      }
      if (!row.current) {
        return refused(
          'definition-mismatch',
          `The definition of ${row.index} has changed since run ${run}. Start a new run.`,
        );
      }
      // Locked, so that it is not marked for dropping meanwhile.
      const [gone] = await query<{ state: string }>(
        client,
        `select state from generations where generation = $1 for no key update`,
        [row.generation],
      );
      if (gone !== undefined && !workableStates(row).includes(gone.state)) {
        return refused('generation-gone', `The generation of run ${run} is ${gone.state}. Start a new run.`);
      }
      await client.query(
        `insert into run_places (index, place, shard, run) select $1, $2, s, $4 from unnest($3::int[]) s order by s`,
        [row.index, row.options.place ?? placeOf(row.lane), row.options.shards ?? [row.shard], run],
      );
      await moveRun(client, run, 'retry-asked');
      await client.query(`update runs set reason = null, error = null, finished_at = null where run = $1`, [run]);
      await client.query(`update generations set state = 'building' where run = $1 and state = 'failed'`, [run]);
      if (row.lane === 'rebuild') {
        // What was found before a promotion was refused is looked for again.
        await client.query(`delete from tasks where run = $1 and work = 'digest'`, [run]);
        await client.query(`delete from differences where run = $1`, [run]);
      }
      await client.query(
        `update tasks set status = 'queued', delivery = delivery + 1, attempts = 0, failing_since = null, absent_sweeps = 0, owner = null,
                claim_token = null, not_before = now(), error = null, let_go_at = greatest(let_go_at, finished_at), finished_at = null
          where run = $1 and status in ('failed', 'cancelled')`,
        [run],
      );
      const due = await query<DueTaskRow>(
        client,
        `select ${DUE_TASK_COLUMNS} from tasks t join runs r on r.run = t.run
          where t.run = $1 and t.status = 'queued' order by t.kind, t.number`,
        [run],
      );
      return { kind: 'reopened', due: due.map(toDueTask) };
    });
  } catch (error) {
    if (error instanceof DatabaseError && error.code === '23505') {
      return refused('overlap', `Another run of this lane is open; run ${run} cannot be retried beside it.`);
    }
    throw error;
  }
}

/** What the generation of a run may be when the run is taken up again. */
function workableStates({ lane, options }: { lane: Lane; options: { generation?: number | null } }): readonly string[] {
  if (options.generation != null) return ['building', 'live', 'failed', 'retained'];
  return isShardLane(lane) ? ['live'] : ['failed'];
}

function refused(reason: Extract<ReopenedRun, { kind: 'refused' }>['reason'], detail: string): ReopenedRun {
  return { kind: 'refused', reason, detail };
}
