-- Refresh and verify: what a task works on, what it found, and examples of it.
-- A program that knows no refresh would take its plan for a rebuild's.
-- accepts: 2

-- 'rows': the source's rows in key order; 'ids': what the sink lists, looked for at the source.
alter table tasks add column work text not null default 'rows' check (work in ('rows', 'ids'));
alter table tasks add column missing bigint not null default 0;
alter table tasks add column extra bigint not null default 0;
alter table tasks add column stale bigint not null default 0;

-- When the first of its failures in a row was; null: it gets on. A claim alone is no progress.
alter table tasks add column failing_since timestamptz;

-- The first few confirmed differences of each kind of a run.
create table differences (
  run           bigint not null references runs on delete cascade,
  kind          text not null check (kind in ('missing', 'extra', 'stale')),
  document      text not null,
  detail        text not null,
  found_at      timestamptz not null default now(),
  primary key (run, kind, document)
);

-- Runs that work on a generation in place: what a promotion supersedes, what an owed refresh waits for.
create index runs_by_generation on runs (generation) where generation is not null;

-- The shards of what is live, and when each was last made equal to the source: by the rebuild, or by a refresh of all of
-- it. Freshness belongs to what is live: after a rollback it is again that of the older generation.
create view live_shards as
select g.index, g.generation, s.shard, greatest(made.indexed_at, max(done.indexed_at)) as indexed_at
  from generations g
 cross join lateral generate_series(0, jsonb_array_length(g.shard_bounds)) s (shard)
  left join runs made on made.run = g.run
  left join runs done on done.generation = g.generation and done.lane = 'refresh' and done.status = 'completed'
   and done.shard in (s.shard, -1) and coalesce(done.options -> 'range', 'null') = 'null'
 where g.state = 'live'
 group by g.index, g.generation, s.shard, made.indexed_at;
