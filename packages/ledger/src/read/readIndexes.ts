import {
  type ChangesMode,
  type DefinitionParts,
  decideFollowing,
  type FollowingState,
  type Lane,
  pendingChange,
  WHOLE_INDEX,
} from '@reindeer/core';
import { changeBetween } from '../definition/changeBetween.ts';
import { SOURCE_REPLACED } from '../hold/sourceReplaced.ts';
import { type Ledger, query } from '../ledger.ts';
import type {
  DecisionView,
  FeedView,
  GenerationView,
  HoldView,
  IndexOverview,
  RefusedLately,
  SoakingView,
} from './indexOverview.ts';
import { LAG_SECONDS } from './lagSql.ts';
import { REFUSED_LATELY } from './refusedLatelySql.ts';
import { REQUESTED_KEYS } from './requestedKeysSql.ts';
import { type RunRow, SELECT_RUN, toRunView } from './runRow.ts';

/** Every index the ledger knows, those no longer configured included, by name. */
export async function readIndexes(ledger: Ledger): Promise<IndexOverview[]> {
  return readOverviews(ledger, null);
}

/** One index; null when the ledger does not know it: no scheduler has applied a configuration with it yet. */
export async function readIndex(ledger: Ledger, index: string): Promise<IndexOverview | null> {
  return (await readOverviews(ledger, [index]))[0] ?? null;
}

/** One statement per kind of row, however many indexes there are. */
async function readOverviews(ledger: Ledger, names: readonly string[] | null): Promise<IndexOverview[]> {
  const [indexes, generations, openRuns, lastRuns, holds, decisions] = await Promise.all([
    query<IndexRow>(ledger, SELECT_INDEXES, [names]),
    query<GenerationRow>(ledger, SELECT_GENERATIONS, [names]),
    query<RunRow>(
      ledger,
      `${SELECT_RUN} where r.finished_at is null and ($1::text[] is null or r.index = any($1)) order by r.run`,
      [names],
    ),
    query<RunRow>(
      ledger,
      `${SELECT_RUN}
         join indexes i on i.index = r.index and ($1::text[] is null or i.index = any($1))
        where r.run in (select run from runs where index = i.index and finished_at is not null order by run desc limit 5)
        order by r.run desc`,
      [names],
    ),
    query<HoldRow>(ledger, SELECT_HOLDS, [names]),
    query<DecisionRow>(ledger, SELECT_DECISIONS, [names]),
  ]);
  return indexes.map((row) => toOverview(row, { generations, openRuns, lastRuns, holds, decisions }));
}

interface Parts {
  readonly generations: readonly GenerationRow[];
  readonly openRuns: readonly RunRow[];
  readonly lastRuns: readonly RunRow[];
  readonly holds: readonly HoldRow[];
  readonly decisions: readonly DecisionRow[];
}

function toOverview(overview: IndexRow, parts: Parts): IndexOverview {
  const { index, configured, live, lastIndexedAt, freshnessSeconds, owedRefreshes, changes, refusedLately } = overview;
  const generations = parts.generations.filter((row) => row.index === index);
  const holds = parts.holds.filter((row) => row.index === null || row.index === index);
  return {
    index,
    configured,
    live: live && { ...live, promotedAt: live.promotedAt && new Date(live.promotedAt).toISOString() },
    definitionChange: overview.otherDefinition
      ? pendingChange(changeBetween(overview.otherDefinition.made, overview.otherDefinition.newest))
      : null,
    generations: generations.map(toGeneration),
    lastIndexedAt: lastIndexedAt?.toISOString() ?? null,
    freshnessSeconds,
    openRuns: parts.openRuns.filter((row) => row.index === index).map(toRunView),
    lastRuns: parts.lastRuns.filter((row) => row.index === index).map(toRunView),
    holds: holds.map((row): HoldView => ({ ...row, createdAt: row.createdAt.toISOString() })),
    decisions: parts.decisions.filter((row) => row.index === index).map(toDecision),
    changes,
    feed: toFeed(overview, holds),
    lagSeconds: overview.feedEveryMs === null ? null : overview.lagSeconds,
    soaking: generations.flatMap(toSoaking).sort((a, b) => (a.until < b.until ? 1 : -1)),
    owedRefreshes,
    refusedLately: refusedLately && { ...refusedLately, lastAt: new Date(refusedLately.lastAt).toISOString() },
  };
}

type Told = Pick<
  IndexOverview,
  'index' | 'configured' | 'live' | 'freshnessSeconds' | 'owedRefreshes' | 'changes' | 'lagSeconds'
>;

interface IndexRow extends Told {
  /** null: what is live is of the newest. */
  otherDefinition: { made: DefinitionParts | null; newest: DefinitionParts } | null;
  lastIndexedAt: Date | null;
  changes: ChangesMode;
  feedEveryMs: number | null;
  lapsed: boolean;
  feedRun: number | null;
  feedUntaken: boolean;
  feedEnded: FollowingState['ended'];
  staleReason: string | null;
  feedError: string | null;
  requestedKeys: number;
  refusedLately: RefusedLately | null;
}

// An index is as fresh as its stalest shard.
const SELECT_INDEXES = `
select i.index, i.removed_at is null as configured,
       case when g.generation is not null then jsonb_build_object(
         'name', g.name, 'number', g.number, 'documents', g.documents, 'promotedAt', g.promoted_at,
         'caughtUp', coalesce(r.caught_up, false)) end as live,
       case when g.generation is not null and i.removed_at is null and newest.fingerprint is distinct from made.fingerprint
            then jsonb_build_object('made', made.definition, 'newest', newest.definition) end as "otherDefinition",
       f.indexed_at as "lastIndexedAt",
       (case when f.indexed_at is not null
             then greatest(0, extract(epoch from clock_timestamp() - f.indexed_at)) end)::float8 as "freshnessSeconds",
       (select count(distinct shard)::float8 from owed_refreshes o
         where o.generation = g.generation and o.discharged_at is null) as "owedRefreshes",
       i.changes, i.feed_every_ms::float8 as "feedEveryMs",
       ${LAG_SECONDS} as "lagSeconds",
       g.generation is not null and (c.generation is null or c.joined_at is null or c.invalid_at is not null) as lapsed,
       coalesce(feed.status = 'queued' and feed.started_at is null, false) as "feedUntaken",
       g.stale_reason as "staleReason", feed.run::float8 as "feedRun",
       case when i.feed_every_ms is not null and feed.run is null then (
         select jsonb_build_object('run', ended.run, 'status', ended.status, 'reason', ended.reason, 'error', ended.error)
           from runs ended where ended.index = i.index and ended.lane = 'incremental' order by ended.run desc limit 1) end as "feedEnded",
       coalesce((select t.error from tasks t where t.run = feed.run and t.attempts > 0 and t.error is not null
         order by t.attempts desc limit 1), c.trouble) as "feedError",
       case when i.feed_every_ms is null then 0 else ${REQUESTED_KEYS} end as "requestedKeys",
       case when g.generation is not null then ${REFUSED_LATELY} end as "refusedLately"
  from indexes i
  left join generations g on g.index = i.index and g.state = 'live'
  left join runs r on r.run = g.run
  left join definitions made on made.index = g.index and made.number = g.definition
  left join lateral (select d.fingerprint, d.definition from definitions d where d.index = i.index
                      order by d.number desc limit 1) newest on true
  left join consumers c on c.generation = g.generation and c.log = 'source'
  left join consumers q on q.generation = g.generation and q.log = 'requested'
  left join runs feed on feed.index = i.index and feed.lane = 'incremental' and feed.finished_at is null
  left join (select generation, min(indexed_at) as indexed_at from live_shards group by 1) f on f.generation = g.generation
 where $1::text[] is null or i.index = any($1)
 order by i.index`;

type Moments = 'createdAt' | 'settledAt' | 'promotedAt' | 'retiredAt' | 'droppedAt' | 'soakUntil';

interface GenerationRow extends Omit<GenerationView, Moments> {
  index: string;
  createdAt: Date;
  settledAt: Date | null;
  soakUntil: Date | null;
  soakSeconds: number;
  promotedAt: Date | null;
  retiredAt: Date | null;
  droppedAt: Date | null;
}

const SELECT_GENERATIONS = `
select g.index, g.name, g.number, g.state, g.run::float8 as run, g.epoch::float8 as epoch,
       g.documents::float8 as documents, g.created_at as "createdAt", g.settled_at as "settledAt",
       g.promoted_at as "promotedAt", g.retired_at as "retiredAt", g.dropped_at as "droppedAt",
       case when g.state = 'failed' then r.reason end as "refusedReason", g.stale_reason as "staleReason",
       g.soak_until as "soakUntil", coalesce(extract(epoch from g.soak_until - clock_timestamp()), 0)::float8 as "soakSeconds"
  from (select *, row_number() over (partition by index, state in ('dropped', 'failed') order by number desc) as nth
          from generations where $1::text[] is null or index = any($1)) g
  left join runs r on r.run = g.run
 where g.state not in ('dropped', 'failed') or g.nth <= 5
 order by g.number desc`;

interface HoldRow extends Omit<HoldView, 'createdAt'> {
  createdAt: Date;
}

const SELECT_HOLDS = `
select hold::float8 as hold, index, lane, run::float8 as run, reason, actor, note, created_at as "createdAt"
  from holds where released_at is null and ($1::text[] is null or index is null or index = any($1))
 order by hold`;

interface DecisionRow {
  index: string;
  lane: Lane;
  shard: number;
  outcome: 'started' | 'skipped';
  reason: string | null;
  run: number | null;
  count: number;
  firstSlot: number;
  lastSlot: number;
  decidedAt: Date;
}

const SELECT_DECISIONS = `
select distinct on (index, lane, shard) index, lane, shard, outcome, reason, run::float8 as run, count::float8 as count,
       first_slot::float8 as "firstSlot", last_slot::float8 as "lastSlot", decided_at as "decidedAt"
  from decisions where $1::text[] is null or index = any($1)
 order by index, lane, shard, decision desc`;

function toFeed(row: IndexRow, holds: readonly HoldRow[]): FeedView | null {
  // Of an index that was taken out of the configuration no scheduler starts one.
  if (row.feedEveryMs === null || !row.configured) return null;
  const { kind, ...why } = decideFollowing({
    everyMs: row.feedEveryMs,
    live: row.live !== null,
    lagMs: row.lagSeconds === null ? null : row.lagSeconds * 1_000,
    lapsed: row.lapsed,
    staleReason: row.staleReason,
    sourceReplaced: holds.some(({ reason }) => reason === SOURCE_REPLACED),
    run: row.feedRun,
    untaken: row.feedUntaken,
    ended: row.feedEnded,
    holds: holds.filter(
      (hold) => (hold.lane === null || hold.lane === 'incremental') && (hold.run === null || hold.run === row.feedRun),
    ),
    error: row.feedError,
  });
  return { run: row.feedRun, state: kind, reason: null, detail: null, ...why, requestedKeys: row.requestedKeys };
}

function toSoaking({ name, number, state, staleReason, soakUntil, soakSeconds }: GenerationRow): SoakingView[] {
  if (state !== 'retained' || staleReason !== null || soakUntil === null || soakSeconds <= 0) return [];
  return [{ generation: name, number, until: soakUntil.toISOString(), secondsLeft: soakSeconds }];
}

function toGeneration({ index: _, soakSeconds: __, ...row }: GenerationRow): GenerationView {
  return {
    ...row,
    settledAt: row.settledAt?.toISOString() ?? null,
    soakUntil: row.soakUntil?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    promotedAt: row.promotedAt?.toISOString() ?? null,
    retiredAt: row.retiredAt?.toISOString() ?? null,
    droppedAt: row.droppedAt?.toISOString() ?? null,
  };
}

function toDecision({ index: _, shard, firstSlot, lastSlot, decidedAt, ...row }: DecisionRow): DecisionView {
  return {
    ...row,
    shard: shard === WHOLE_INDEX ? null : shard,
    firstTickAt: new Date(firstSlot).toISOString(),
    lastTickAt: new Date(lastSlot).toISOString(),
    decidedAt: decidedAt.toISOString(),
  };
}
