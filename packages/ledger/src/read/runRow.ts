import {
  type Asked,
  type Lane,
  type RunPhase,
  type RunStatus,
  type RunView,
  runProgress,
  runState,
  type Waiting,
  WHOLE_INDEX,
} from '@reindeer/core';

/** One row of {@link SELECT_RUN}. */
export interface RunRow {
  run: number;
  index: string;
  lane: Lane;
  shard: number;
  phase: RunPhase;
  status: RunStatus;
  reason: string | null;
  error: string | null;
  waits_for: Waiting | null;
  generation: string | null;
  trigger: string;
  asked: Asked | null;
  caught_up: boolean;
  expected: number | null;
  expected_exact: boolean;
  missing: number;
  extra: number;
  stale: number;
  created_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
  elapsed_ms: number;
  slices: number;
  slices_completed: number;
  slices_failed: number;
  read: number;
  written: number;
  unchanged: number;
  superseded: number;
  filtered: number;
  deleted: number;
  failed: number;
  orphans: number;
}

/**
 * Runs with the sums over their slices. `float8` is exact up to 2^53, and pg gives it as a number where it would give a
 * bigint as text. The aggregate reads one run's tasks by their primary key.
 */
export const SELECT_RUN = `
select r.run::float8 as run, r.index, r.lane, r.shard, r.phase, r.status, r.reason, r.error, g.name as generation,
       r.trigger, case when r.trigger = 'manual' then jsonb_build_object('by', r.actor,
         'note', r.options -> 'note', 'force', coalesce((r.options ->> 'force')::boolean, false)) end as asked,
       r.caught_up, r.expected::float8 as expected, r.expected_exact,
       r.created_at, r.started_at, r.finished_at,
       case when r.status = 'running' then (
         select w.waits_for from tasks w
          where w.run = r.run and w.kind in ('plan', 'finish') and w.status in ('queued', 'running')
          order by w.kind limit 1) end as waits_for,
       coalesce(1000 * extract(epoch from coalesce(r.finished_at, clock_timestamp()) - r.started_at), 0)::float8 as elapsed_ms,
       t.*
  from runs r
  left join generations g on g.generation = r.generation
 cross join lateral (
       select count(*)::float8 as slices,
              (count(*) filter (where status = 'completed'))::float8 as slices_completed,
              (count(*) filter (where status = 'failed'))::float8 as slices_failed,
              coalesce(sum(read), 0)::float8 as read, coalesce(sum(written), 0)::float8 as written,
              coalesce(sum(unchanged), 0)::float8 as unchanged, coalesce(sum(superseded), 0)::float8 as superseded,
              coalesce(sum(filtered), 0)::float8 as filtered, coalesce(sum(deleted), 0)::float8 as deleted,
              coalesce(sum(failed), 0)::float8 as failed, coalesce(sum(orphans), 0)::float8 as orphans,
              coalesce(sum(missing), 0)::float8 as missing, coalesce(sum(extra), 0)::float8 as extra,
              coalesce(sum(stale), 0)::float8 as stale
         from tasks where tasks.run = r.run and tasks.kind = 'slice') t`;

/** A run as everyone outside sees it. */
export function toRunView(row: RunRow): RunView {
  const elapsedMs = Math.max(0, Math.round(row.elapsed_ms));
  return {
    run: row.run,
    index: row.index,
    lane: row.lane,
    shard: row.shard === WHOLE_INDEX ? null : row.shard,
    state: runState(row.status, row.phase),
    reason: row.reason,
    error: row.error,
    waitsFor: row.waits_for,
    generation: row.generation,
    trigger: row.trigger,
    asked: row.asked,
    caughtUp: row.caught_up,
    documents: {
      read: row.read,
      written: row.written,
      unchanged: row.unchanged,
      superseded: row.superseded,
      filtered: row.filtered,
      deleted: row.deleted,
      failed: row.failed,
      orphans: row.orphans,
      expected: row.expected,
      expectedExact: row.expected_exact,
    },
    differences: { missing: row.missing, extra: row.extra, stale: row.stale },
    slices: { total: row.slices, completed: row.slices_completed, failed: row.slices_failed },
    ...runProgress({
      status: row.status,
      phase: row.phase,
      read: row.read,
      expected: row.expected,
      slices: row.slices,
      slicesCompleted: row.slices_completed,
      elapsedMs,
    }),
    elapsedMs,
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}
