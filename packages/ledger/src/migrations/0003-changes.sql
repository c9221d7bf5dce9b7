-- Following changes: consumers of the logs, requested keys, soaking generations, promotions by hand.
-- A program that knows no feed would drop generations that soak, and promote what has not caught up.
-- accepts: 3

alter table runs drop column differences;
alter table runs drop constraint runs_lane_check;
alter table runs add constraint runs_lane_check
  check (lane in ('rebuild', 'refresh', 'verify', 'incremental', 'promote'));

-- 'changes': the feed's passes; 'digest': sums by bucket on both sides, and what differs.
alter table tasks drop constraint tasks_work_check;
alter table tasks add constraint tasks_work_check check (work in ('rows', 'ids', 'changes', 'digest'));

-- Why a generation is not kept current any more: the feed leaves it out, and a rollback to it is refused. null: it is.
alter table generations drop column stale;
alter table generations add column stale_reason text;
-- Until when a generation that was live before is kept current.
alter table generations add column soak_until timestamptz;

-- `incarnation`: changes when the sink may have lost what it had acknowledged (rule 15).
-- `echoed`: the position below which everything is done with for good: its deletes were sent again after every request of
-- their time had ended (rule 14). The log is pruned below it, and a sink's failover goes back to it (rule 15).
-- `echo_to`, `echo_at`: what is echoed next, and since when it is applied; `echo_cursor`: how far that has come.
alter table consumers add column incarnation text;
alter table consumers add column echoed jsonb;
alter table consumers add column echo_to jsonb;
alter table consumers add column echo_at timestamptz;
alter table consumers add column echo_cursor text;
-- Why what is live was given up: the cause of the refresh that it then owes.
alter table consumers add column invalid_reason text;
-- What the sink failed with at this generation, while it took what was written to others: the feed's passes go on without
-- it until `retry_at`. null: nothing. `let_go_at`: when a request to it was last left without an answer.
alter table consumers add column trouble text;
alter table consumers add column troubled_since timestamptz;
alter table consumers add column retry_at timestamptz;
alter table consumers add column let_go_at timestamptz;
update consumers set echoed = position;
alter table consumers alter column echoed set not null;

-- When an owner last lost or left a task with requests to the sink possibly under way: they may arrive for a while (rule 9).
alter table tasks add column let_go_at timestamptz;

create index requested_keys_by_index on requested_keys (index, sequence);

-- Which database this is: a snapshot of another, of a restored dump say, means nothing here. Where the server keeps its
-- identifier to itself, another start of it counts as another: what was requested and is still there is then done twice.
create function ledger_system() returns text language plpgsql stable as $$
declare
  place text := (select oid || ' ' || datname from pg_catalog.pg_database where datname = current_database());
begin
  return (select system_identifier from pg_control_system()) || '/' || place;
exception when insufficient_privilege then
  return 'database ' || place || ' since ' || extract(epoch from pg_postmaster_start_time());
end $$;

-- A refresh that is owed on every shard of a generation. What was owed before for the same cause is owed anew: a run that
-- has begun by now does not discharge it.
create function owe_refresh(generation_ bigint, cause_ text) returns void language sql as $$
  insert into owed_refreshes (index, generation, shard, cause, created_at)
  select g.index, g.generation, s, cause_, clock_timestamp()
    from generations g, generate_series(0, jsonb_array_length(g.shard_bounds)) s
   where g.generation = generation_
  on conflict (generation, shard, cause) where discharged_at is null do update set created_at = clock_timestamp()
$$;

-- How changes of an index are found, and the pause between two passes of its feed (null: it has none), by the configuration
-- that was applied last: what readers need to say how far behind an index is.
alter table indexes add column changes text not null default 'none' check (changes in ('log', 'modified-column', 'none'));
alter table indexes add column feed_every_ms bigint;

-- What a task that was handed back without a failure waits for: {"reason": …, "detail": …}; null: nothing.
alter table tasks add column waits_for jsonb;

-- Freshness of an index whose log of changes is followed: every pass makes a shard equal to the source, unless a refresh is
-- owed on it. A modified column sees no deletes, so that there, as where nothing is followed, only a rebuild or refresh does.
drop view live_shards;
create view live_shards as
select g.index, g.generation, s.shard,
       greatest(made.indexed_at, max(done.indexed_at),
                case when i.changes = 'log' and i.feed_every_ms is not null and c.joined_at is not null and c.invalid_at is null
                          and not exists (select from owed_refreshes o
                                           where o.generation = g.generation and o.shard = s.shard and o.discharged_at is null)
                     then c.passed_at end) as indexed_at
  from generations g
  join indexes i on i.index = g.index
 cross join lateral generate_series(0, jsonb_array_length(g.shard_bounds)) s (shard)
  left join consumers c on c.generation = g.generation and c.log = 'source'
  left join runs made on made.run = g.run
  left join runs done on done.generation = g.generation and done.lane = 'refresh' and done.status = 'completed'
   and done.shard in (s.shard, -1) and coalesce(done.options -> 'range', 'null') = 'null'
 where g.state = 'live'
 group by g.index, g.generation, s.shard, made.indexed_at, i.changes, i.feed_every_ms, c.joined_at, c.invalid_at, c.passed_at;
