import { InputError, type SourceDefinition, UnavailableError } from '@reindeer/core';
import type { Pool } from 'pg';
import { quoteIdentifier } from '../postgres/quote.ts';
import { runStatement } from '../postgres/statement.ts';
import { EXACT_BOUNDARIES_COST } from '../postgres-source/boundaries.ts';
import { placeOf, type SourceContext } from '../postgres-source/context.ts';
import { explained } from '../postgres-source/explained.ts';
import { sourceIdentity, timelineNow } from '../postgres-source/identity.ts';
import type { SourceDescription } from '../source.ts';
import { earliest } from './earliest.ts';

/**
 * Whether every transaction that may still commit is known. Where not, one that lasts longer than `lagMs` may be missed
 * until a refresh finds what it wrote.
 */
export type ModifiedExactness = 'exact' | { readonly lagMs: number; readonly because: string };

export interface ModifiedBound {
  /** In the database's own text: whatever commits after the statement that took it is stamped at or after it. */
  readonly below: string;
  readonly exactness: ModifiedExactness;
  readonly identity: SourceDescription['identity'];
}

const BOUND_TIMEOUT_MS = 30_000;

/**
 * The bound stays this far below the oldest transaction in flight, or `lag` where that is less. A transaction's first
 * moments are not in pg_stat_activity yet: its time is taken a few instructions before it is shown, and the process may
 * lose its processor in between. And most applications stamp by a clock of their own, cut to milliseconds, just before
 * their transaction begins: with clocks in step these are found too, though only the database's own stamps are promised.
 */
const TOLERANCE_MS = 10_000;

export interface ModifiedTarget {
  /** The connection's name in the configuration. */
  readonly connection: string;
  readonly index: string;
  readonly definition: SourceDefinition;
  /** Made by `openSourcePool`. */
  readonly pool: Pool;
}

/** For `check`: what the bound is now. */
export async function modifiedBound(target: ModifiedTarget, signal: AbortSignal): Promise<ModifiedExactness> {
  const context: SourceContext = { seed: '0', exactBoundariesCost: EXACT_BOUNDARIES_COST, ...target };
  return await explained(context, signal, async () => (await takeBound(context, signal)).exactness);
}

/**
 * A row's stamp is not older than the beginning of the transaction that wrote it, and the row is seen when that commits.
 * So nothing that commits later is stamped below the oldest beginning among the transactions in flight, if these are
 * looked at before the rows: one that is not in pg_stat_activity any more is visible to every statement that begins
 * afterwards (the server shows it as ended only after it is), and one that is not in it yet begins after this statement.
 * Sessions of other databases do not matter, since a session writes to its own database alone; nor do autovacuum and
 * walsenders, which write no rows. A session that is busy outside of a transaction may begin one with the time of its
 * message (`update …; commit; update …` is one message), hence `query_start`.
 */
export async function takeBound(context: SourceContext, signal: AbortSignal): Promise<ModifiedBound> {
  const identity = await sourceIdentity(context, signal);
  const { lagMs } = context.definition;
  const { rows } = await runStatement(
    context.pool,
    {
      // now() is older than the look at the sessions, clock_timestamp() might not be.
      text: `with own as (select oid from pg_catalog.pg_database where datname = current_database()),
session as materialized (
  select a.state, least(a.xact_start, case when a.state in ('active', 'fastpath function call') then a.query_start end) as began
    from pg_catalog.pg_stat_activity as a join own on a.datid = own.oid
   where a.pid <> pg_backend_pid() and coalesce(a.backend_type, '') not in ('autovacuum worker', 'walsender')
)
select ${timelineNow(identity)},
       least(now(), (select min(began) from session)) - make_interval(secs => least($1::float8, $2::float8) / 1000),
       now() - make_interval(secs => $1::float8 / 1000),
       pg_has_role(current_user, 'pg_read_all_stats', 'usage'), current_user,
       exists (select from session where state = 'disabled'),
       exists (select from pg_catalog.pg_subscription as s join own on s.subdbid = own.oid where s.subenabled),
       current_setting('max_prepared_transactions')`,
      values: [lagMs, TOLERANCE_MS],
      timeoutMs: BOUND_TIMEOUT_MS,
    },
    signal,
  );
  const [timeline, oldest, lagged, seesAll, user, anyHidden, anySubscription, maxPrepared] = rows[0] ?? [];
  checkServer(context, identity.timeline, timeline);
  // Asked after the sessions were: a transaction leaves its session by becoming a prepared one, never the other way.
  const prepared = maxPrepared === '0' ? null : await oldestPrepared(context, signal);
  const because =
    seesAll !== 't'
      ? `the role ${quoteIdentifier(user ?? '')} may not see the transactions of other roles. Run: GRANT pg_read_all_stats TO ${quoteIdentifier(user ?? '')};`
      : anyHidden === 't'
        ? '`track_activities` is off in some sessions of this database, so that their transactions are not seen. Set it on.'
        : anySubscription === 't'
          ? 'a subscription of this database applies rows with the stamps of another server.'
          : null;
  const bounds = [oldest, because === null ? null : lagged, prepared?.below].flatMap((one) => one ?? []);
  const why = because ?? (prepared === null ? null : preparedReason(prepared.count));
  return {
    below: await earliest(context, bounds, signal),
    exactness: why === null ? 'exact' : { lagMs, because: why },
    identity,
  };
}

/**
 * Of a prepared transaction only the time of its preparation is known, not that of its beginning: it is taken to have
 * begun `lag` earlier. It holds the bound however long it stays.
 */
async function oldestPrepared(
  context: SourceContext,
  signal: AbortSignal,
): Promise<{ count: number; below: string } | null> {
  const { rows } = await runStatement(
    context.pool,
    {
      text: `select count(*), min(prepared) - make_interval(secs => $1::float8 / 1000)
               from pg_catalog.pg_prepared_xacts where database = current_database()`,
      values: [context.definition.lagMs],
      timeoutMs: BOUND_TIMEOUT_MS,
    },
    signal,
  );
  const [count, below] = rows[0] ?? [];
  return below === null || below === undefined ? null : { count: Number(count), below };
}

function preparedReason(count: number): string {
  const transactions = count === 1 ? 'a prepared transaction is' : `${count} prepared transactions are`;
  return `${transactions} open in this database (see pg_prepared_xacts), whose beginning nobody can tell.`;
}

/**
 * A replica does not show the transactions of its primary. Lag alone would not make up for it, since a replica may fall
 * behind by any time; and an index reads from one server (rule 16).
 */
function checkServer(context: SourceContext, expected: number, timeline: string | null | undefined): void {
  if (timeline === '-1') {
    throw new InputError(
      'modified-on-replica',
      `${placeOf(context, 'connection')}: the server is a replica, and only its primary can tell which transactions are under way. Give the primary's url.`,
    );
  }
  if (Number(timeline) === expected) return;
  throw new UnavailableError(
    'source-unavailable',
    `Connection "${context.connection}" was taken over by another server (timeline ${timeline} instead of ${expected}). Begin the pass again.`,
  );
}
