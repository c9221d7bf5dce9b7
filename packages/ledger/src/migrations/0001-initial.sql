-- The ledger's first form. Names are unqualified: the session's search_path is the ledger's schema.
-- Keys and positions are jsonb holding the source's own text (I10); only the source compares them.

create table ledger (
  id            int primary key default 1 check (id = 1),
  ledger_id     uuid not null default gen_random_uuid(),
  queue_epoch   text,                          -- null until the first scheduler has seen the queue
  created_at    timestamptz not null default now()
);
insert into ledger default values;

-- Tickets (rule 2). The last draw is unlogged: losing it costs nothing, because draws then go on above the
-- durable bound. An unlogged table is empty after a crash and on a promoted standby.
create table ticket_bound (id int primary key default 1 check (id = 1), bound bigint not null);
insert into ticket_bound (bound) values (0);
create unlogged table ticket_last (id int primary key default 1 check (id = 1), last bigint not null);

-- A ticket: max(last + 1, clock in microseconds, floor). Reaching the bound moves it 10 s ahead, in a commit that waits
-- for the disk; every other draw is not waited for. The row lock on ticket_last is held until the commit, so that
-- nobody draws below a bound that is not yet durable.
create function draw_ticket() returns bigint language plpgsql as $$
declare
  drawn bigint;
  limit_ bigint;
begin
  insert into ticket_last (last) select bound from ticket_bound on conflict (id) do nothing;
  update ticket_last
     set last = greatest(last + 1, (extract(epoch from clock_timestamp()) * 1000000)::bigint)
   where id = 1 returning last into drawn;
  select bound into limit_ from ticket_bound where id = 1;
  if drawn >= limit_ then
    update ticket_bound set bound = drawn + 10000000 where id = 1;
    perform set_config('synchronous_commit', 'on', true);
  else
    perform set_config('synchronous_commit', 'off', true);
  end if;
  return drawn;
end $$;

-- Draws go on above the floor from now on. Durable before it returns: the caller must not send async.
-- False when they were above it already.
create function raise_tickets(floor_ bigint) returns boolean language plpgsql as $$
begin
  insert into ticket_last (last) select bound from ticket_bound on conflict (id) do nothing;
  update ticket_last set last = floor_ where id = 1 and last < floor_;
  if not found then return false; end if;
  update ticket_bound set bound = greatest(bound, floor_ + 10000000) where id = 1;
  return true;
end $$;

-- Worker processes and their leases, on the ledger's clock.
create table workers (
  worker        uuid primary key,
  name          text not null,
  host          text not null,
  pid           int not null,
  app           text not null,
  version       text not null,
  started_at    timestamptz not null default now(),
  lease_until   timestamptz not null,
  stopped_at    timestamptz
);

-- One holder per name at a time; the epoch rises with each change of holder.
create table leaders (
  name          text primary key,
  holder        uuid not null,
  epoch         bigint not null,
  lease_until   timestamptz not null
);

-- Configurations as schedulers applied them, in order.
create table configurations (
  number        bigint generated always as identity primary key,
  fingerprint   text not null,
  applied_by    text not null,
  applied_at    timestamptz not null default now()
);

create table indexes (
  index         text primary key,
  removed_at    timestamptz,                   -- no longer in the configuration; its generations and history stay
  created_at    timestamptz not null default now()
);

create table definitions (
  index         text not null references indexes,
  number        int not null,
  fingerprint   text not null,
  revision      text,
  definition    jsonb not null,                -- without secrets
  created_at    timestamptz not null default now(),
  primary key (index, number)
);

create table generations (
  generation    bigint generated always as identity primary key,
  index         text not null references indexes,
  number        int not null,
  name          text not null unique,
  definition    int not null,
  state         text not null check (state in ('building', 'live', 'retained', 'dropping', 'dropped', 'failed')),
  run           bigint not null,               -- that made it; the run's row may be pruned before
  nonce         text not null,
  epoch         bigint,                        -- the swap that made it live
  shard_bounds  jsonb not null default '[]',   -- upper bounds of all shards but the last, frozen
  ticket_bound  bigint not null default 0,     -- as written into the generation's own metadata (rule 2)
  start_position jsonb,
  documents     bigint,
  stale         boolean not null default false,
  created_at    timestamptz not null default now(),
  settled_at    timestamptz,
  promoted_at   timestamptz,
  retired_at    timestamptz,
  dropped_at    timestamptz,
  unique (index, number)
);
create unique index generations_one_live on generations (index) where state = 'live';

create table runs (
  run           bigint generated always as identity primary key,
  nonce         text not null unique,
  index         text not null references indexes,
  lane          text not null check (lane in ('rebuild', 'refresh', 'verify', 'incremental')),
  shard         int not null default -1,       -- -1: the whole index (I5)
  definition    int not null,
  generation    bigint references generations on delete set null,
  trigger       text not null check (trigger in ('schedule', 'start', 'manual', 'retry', 'owed')),
  actor         text not null,
  slot          bigint,                        -- the tick's time in ms; null when asked for by hand
  options       jsonb not null default '{}',
  phase         text not null default 'planning'
                check (phase in ('planning', 'building', 'catching_up', 'verifying', 'promoting', 'soaking')),
  status        text not null default 'queued'
                check (status in ('queued', 'running', 'pausing', 'paused', 'cancelling', 'cancelled', 'failed', 'completed')),
  reason        text,
  error         text,
  expected      bigint,
  expected_exact boolean not null default false,
  planned_at    timestamptz,                   -- all slices are planned
  indexed_at    timestamptz,                   -- the last slice was written
  caught_up     boolean not null default false,
  differences   jsonb not null default '{"missing":0,"extra":0,"stale":0}',
  created_at    timestamptz not null default now(),
  started_at    timestamptz,
  finished_at   timestamptz,
  unique (index, lane, shard, slot)
);
create index runs_history on runs (index, run desc);
create index runs_open on runs (index) where finished_at is null;

-- I5. A run holds its places while it is open; the transaction that ends it gives them back.
create table run_places (
  index         text not null,
  place         text not null,
  shard         int not null,
  run           bigint not null references runs on delete cascade,
  primary key (index, place, shard)
);
create index run_places_run on run_places (run);

-- What a worker claims: planning a run, one of its slices, or finishing it.
create table tasks (
  run           bigint not null references runs on delete cascade,
  kind          text not null check (kind in ('plan', 'slice', 'finish')),
  number        int not null,                  -- slices from 1; 0 for plan and finish
  shard         int not null default -1,
  after         jsonb,
  up_to         jsonb,
  marks         jsonb not null default '[]',
  estimate      bigint not null default 0,
  status        text not null default 'queued' check (status in ('queued', 'running', 'completed', 'failed', 'cancelled')),
  delivery      int not null default 1,
  not_before    timestamptz not null default now(),
  attempts      int not null default 0,        -- failures without progress in between
  absent_sweeps int not null default 0,        -- sweeps in a row that did not find its job
  claim_no      int not null default 0,
  claim_token   uuid,
  owner         uuid,
  checkpoint    bigint not null default 0,     -- sequence number of the last checkpoint
  cursor        jsonb,
  read          bigint not null default 0,
  written       bigint not null default 0,
  unchanged     bigint not null default 0,
  superseded    bigint not null default 0,
  filtered      bigint not null default 0,
  deleted       bigint not null default 0,
  failed        bigint not null default 0,
  orphans       bigint not null default 0,
  bytes         bigint not null default 0,
  error         text,
  created_at    timestamptz not null default now(),
  started_at    timestamptz,
  progressed_at timestamptz,
  finished_at   timestamptz,
  primary key (run, kind, number)
);
create index tasks_unfinished on tasks (not_before) where status in ('queued', 'running');
create index tasks_owner on tasks (owner) where status = 'running';

create table failures (
  failure       bigint generated always as identity primary key,
  run           bigint not null references runs on delete cascade,
  slice         int not null,
  index         text not null,
  generation    bigint,
  document      text not null,
  reason        text not null,
  detail        text not null,
  fingerprint   text not null,                 -- groups the same cause
  failed_at     timestamptz not null default now(),
  unique (run, document)
);
create index failures_by_index on failures (index, failed_at);

-- Pausing is a set of reasons; work goes on when the last is released.
create table holds (
  hold          bigint generated always as identity primary key,
  index         text,                          -- null: everything
  lane          text,                          -- null: every lane
  run           bigint references runs on delete cascade,
  reason        text not null,
  actor         text not null,
  note          text,
  created_at    timestamptz not null default now(),
  released_at   timestamptz,
  released_by   text
);
create unique index holds_once on holds (coalesce(index, ''), coalesce(lane, ''), coalesce(run, 0), reason)
  where released_at is null;

-- What became of each tick. Equal consecutive decisions of a schedule are one row with a count.
create table decisions (
  decision      bigint generated always as identity primary key,
  index         text not null,
  lane          text not null,
  shard         int not null,
  outcome       text not null check (outcome in ('started', 'skipped')),
  reason        text,
  run           bigint,
  count         bigint not null default 1,
  first_slot    bigint not null,
  last_slot     bigint not null,
  decided_at    timestamptz not null default now()
);
create index decisions_by_schedule on decisions (index, lane, shard, decision desc);

-- Consumers of a log of changes: 'source' or 'requested' (rules 6, 7).
create table consumers (
  generation    bigint not null references generations on delete cascade,
  log           text not null check (log in ('source', 'requested')),
  position      jsonb not null,
  joined_at     timestamptz,
  passed_at     timestamptz,                   -- snapshot time of its last finished pass
  invalid_at    timestamptz,
  primary key (generation, log)
);
create table requested_keys (
  sequence      bigint generated always as identity primary key,
  xid           xid8 not null default pg_current_xact_id(),
  index         text not null references indexes,
  key           jsonb not null,
  requested_at  timestamptz not null default now()
);

-- A refresh that something made necessary (rule 9), until a run that started later discharges it.
create table owed_refreshes (
  owed          bigint generated always as identity primary key,
  index         text not null,
  generation    bigint not null references generations on delete cascade,
  shard         int not null,
  cause         text not null,
  created_at    timestamptz not null default now(),
  discharged_at timestamptz,
  discharged_by bigint
);
create unique index owed_refreshes_open on owed_refreshes (generation, shard, cause) where discharged_at is null;

-- Answers to requests that carried an Idempotency-Key.
create table requests (
  idempotency_key text not null,
  actor         text not null,
  fingerprint   text not null,
  response      jsonb,
  created_at    timestamptz not null default now(),
  primary key (idempotency_key, actor)
);

create table audit (
  entry         bigint generated always as identity primary key,
  at            timestamptz not null default now(),
  actor         text not null,
  action        text not null,
  target        text not null,
  detail        jsonb not null default '{}'
);

-- Tokens are stored as SHA-256, so that a copy of the ledger signs nobody in.
create table sessions (
  token_hash    bytea primary key,
  name          text not null,
  role          text not null check (role in ('viewer', 'operator')),
  created_at    timestamptz not null default now(),
  expires_at    timestamptz not null
);
create table sign_in_links (
  token_hash    bytea primary key,
  role          text not null check (role in ('viewer', 'operator')),
  created_at    timestamptz not null default now(),
  expires_at    timestamptz not null,
  used_at       timestamptz
);
