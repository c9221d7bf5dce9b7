-- Refresh and verify: what a task works on, what it found, and examples of it.

-- 'rows': the source's rows in key order; 'ids': what the sink lists, looked for at the source.
alter table tasks add column work text not null default 'rows' check (work in ('rows', 'ids'));
alter table tasks add column missing bigint not null default 0;
alter table tasks add column extra bigint not null default 0;
alter table tasks add column stale bigint not null default 0;

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
