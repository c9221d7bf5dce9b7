import { InputError, RefusedError, UnavailableError } from '@reindeer/core';
import type { Pool } from 'pg';
import { sqlState } from '../postgres/failure.ts';
import { quoteIdentifier } from '../postgres/quote.ts';
import { runStatement } from '../postgres/statement.ts';
import { placeOf } from '../postgres-source/context.ts';
import { sourceIdentity, timelineNow } from '../postgres-source/identity.ts';
import type { Position, SourceDescription } from '../source.ts';
import { followedText } from './followed.ts';
import { literal } from './functionSql.ts';
import type { LogContext } from './logContext.ts';
import { hasSeen } from './snapshotSql.ts';

const LOOK_TIMEOUT_MS = 30_000;
const NO_SUCH_TABLE = '42P01';
const NO_SUCH_SCHEMA = '3F000';

/**
 * A snapshot taken now, and whether the log can tell what changed between each of `since` and it: the triggers and their
 * functions are the very ones that were installed, in a transaction that each of `since` has seen, on the table that still
 * has the name by which rows are read. All in one statement, which also tells whether the server still is what it was `known` to be just
 * now.
 */
export async function lookAtLog(
  { source, schema, tables, dependencies, writer }: LogContext,
  since: readonly Position[],
  signal: AbortSignal,
  known?: SourceDescription['identity'],
): Promise<Position> {
  const identity = known ?? (await sourceIdentity(source, signal));
  const s = quoteIdentifier(schema);
  const wanted = [...new Map(tables.map((one) => [one.log, one])).values()];
  const ats = since.filter(({ timeline }) => timeline === identity.timeline).map(({ at }) => at);
  const answer = runStatement(
    source.pool,
    {
      text: `with recursive wanted as (
  select w.log, l.relation, l.mode, l.triggers, l.began, to_hex(w.log) as hex, c.oid as named
    from unnest($1::bigint[], $3::text[], $4::text[]) as w (log, schema, name)
    left join ${s}.logs as l on l.log = w.log
    left join (pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace)
      on n.nspname = w.schema and c.relname = w.name
), member (log, oid) as (
  select w.log, i.inhrelid from wanted as w join pg_catalog.pg_inherits as i on i.inhparent = w.relation
  union select m.log, i.inhrelid from member as m join pg_catalog.pg_inherits as i on i.inhparent = m.oid
), whole as (
  select w.log, w.relation is not null and w.named is not distinct from w.relation::oid
         and (select count(*) from pg_catalog.pg_trigger as t join pg_catalog.pg_proc as f on f.oid = t.tgfoid
               where t.tgrelid = w.relation and t.tgname like 'reindeer\\_%' || lpad(w.hex, 16, '0')
                 and t.xmin::text::numeric = w.began::text::numeric % 4294967296 and f.xmin = t.xmin) = w.triggers
         and (w.mode <> 'statement' or not exists (select from pg_catalog.pg_inherits as i where w.relation::oid in (i.inhrelid, i.inhparent)))
         and not exists (select from member as m
                          where m.log = w.log
                            and not exists (select from pg_catalog.pg_trigger as t join pg_catalog.pg_proc as f on f.oid = t.tgfoid
                                             where t.tgrelid = m.oid and t.tgenabled = 'A' and f.proname = 'row_' || lpad(w.hex, 16, '0')))
         as is_whole,
         (select bool_and(pg_visible_in_snapshot(w.began, p.at)) from unnest($2::pg_snapshot[]) as p (at)) as is_seen
    from wanted as w
)
select pg_current_snapshot(), ${timelineNow(identity)}, st.system,
       (select bool_and(w.is_whole) from whole as w),
       coalesce((select bool_and(w.is_seen) from whole as w), true),
       coalesce((select bool_and(${hasSeen('p.at', 'st.pruned_to')}) from unnest($2::pg_snapshot[]) as p (at)), true),
       ${tellingOf(`${s}.changes`)},
       case when pg_is_in_recovery() then false else ${identity.timeline === 0 ? 'true' : 'pg_current_wal_insert_lsn() > pg_current_wal_flush_lsn()'} end
  from ${s}.state as st`,
      values: [
        wanted.map(({ log }) => log),
        ats,
        wanted.map(({ table }) => table.schema),
        wanted.map(({ table }) => table.name),
      ],
      timeoutMs: LOOK_TIMEOUT_MS,
    },
    signal,
  );
  const { rows } = await answer.catch((error: unknown) => {
    throw logProblem(source, schema, error);
  });
  if (rows.length === 0) throw noLog(source, schema);
  const [at, timeline, system, isWhole, isSeen, reaches, members, columns, isBehind] = rows[0] ?? [];
  checkServer(source, identity.timeline, timeline);
  if (system !== identity.system || isWhole !== 't') {
    throw new RefusedError(
      'triggers-changed',
      system === identity.system
        ? `The triggers that log the changes of index ${source.index}, or their functions, are missing, were disabled or altered after they were installed, or are on a table that has another name by now, so changes may have gone unseen. ${installIt(source)}; a refresh of what may be missing is then owed.`
        : `The log of changes in the schema "${schema}" is of another database (${system}; this is ${identity.system}). ${installIt(source)}.`,
    );
  }
  if (isSeen !== 't') throw installedAfter(source.index);
  if (reaches !== 't') throw changesPruned(source.index);
  if (isBehind === 't') await makeDurable(writer, signal);
  const relations = [followedText(tables, dependencies), columns ?? '', members ?? ''].join(' ').trim();
  return { ...identity, at: at ?? '', relations };
}

/**
 * What tells that rows changed which no trigger saw, of `wanted` and `member`. A partition that is detached loses its row
 * trigger, and gets another when it is attached again, so that trigger's `xmin` tells that it was away. A statement that
 * alters a table changes every row at once, and one that gives a column another type writes the column's entry anew also
 * where the type is the same. A log that was emptied by TRUNCATE begins another file.
 */
const tellingOf = (
  changes: string,
): string => `coalesce((select string_agg(concat_ws('/', m.oid, logging.xmin, case when truncation.oid is null then coalesce(pg_relation_filenode(m.oid), 0) end), ' ' order by m.log, m.oid, logging.oid)
                   from member as m
                   left join pg_catalog.pg_trigger as truncation
                     on truncation.tgrelid = m.oid and truncation.tgname = 'reindeer_truncate_' || lpad(to_hex(m.log), 16, '0')
                   left join (pg_catalog.pg_trigger as logging join pg_catalog.pg_proc as f on f.oid = logging.tgfoid)
                     on logging.tgrelid = m.oid and f.proname = 'row_' || lpad(to_hex(m.log), 16, '0')), ''),
       (select pg_relation_filenode(${literal(changes)}::regclass) || '/' || md5(string_agg(concat_ws('/', w.log, a.attnum, a.attname, a.xmin), ' ' order by w.log, a.attnum))
          from wanted as w join pg_catalog.pg_attribute as a on a.attrelid = w.relation and a.attnum > 0)`;

/**
 * A commit with `synchronous_commit = off` is visible before it is on disk. When the server crashes then, its number is
 * given to another transaction, which the position would seem to have seen. A commit that waits for the disk takes with
 * it all that came before.
 */
async function makeDurable(writer: Pool, signal: AbortSignal): Promise<void> {
  const text = `select pg_logical_emit_message(true, 'reindeer', '')`;
  await runStatement(writer, { text, timeoutMs: LOOK_TIMEOUT_MS }, signal);
}

export function changesPruned(index: string): RefusedError {
  return new RefusedError(
    'changes-pruned',
    `The log of changes no longer reaches back to a position of index ${index}. Take a new position, and then refresh or rebuild.`,
  );
}

/** What reads it has lost its place, as where the log was pruned; its cause is another. */
function installedAfter(index: string): RefusedError {
  return new RefusedError(
    'changes-pruned',
    `The triggers that log the changes of index ${index} were installed after a position of it. Take a new position, and then refresh or rebuild.`,
    { cause: new RefusedError('triggers-changed', `The triggers of index ${index} were installed anew.`) },
  );
}

export function onReplica(source: LogContext['source']): InputError {
  return new InputError(
    'log-on-replica',
    `${placeOf(source, 'connection')}: the server is a replica, and only its primary can tell which transactions have ended. Give the primary's url.`,
  );
}

/** A snapshot of a replica does not say what is under way on its primary, and numbers of another timeline mean others. */
export function checkServer(source: LogContext['source'], expected: number, timeline: string | null | undefined): void {
  if (timeline === '-1') throw onReplica(source);
  if (Number(timeline) === expected) return;
  throw new UnavailableError(
    'source-unavailable',
    `Connection "${source.connection}" was taken over by another server (timeline ${timeline} instead of ${expected}). Begin the pass again.`,
  );
}

function logProblem(source: LogContext['source'], schema: string, error: unknown): unknown {
  const state = sqlState(error);
  if (state === NO_SUCH_TABLE || state === NO_SUCH_SCHEMA) {
    return noLog(source, schema, error);
  }
  return error;
}

function noLog(source: LogContext['source'], schema: string, cause?: unknown): RefusedError {
  return new RefusedError(
    'triggers-changed',
    `There is no log of changes in the schema "${schema}" of connection "${source.connection}", or not all of it. ${installIt(source)}.`,
    { cause },
  );
}

/** What names each trigger, and what mends them. */
function installIt({ connection }: LogContext['source']): string {
  return `\`reindeer doctor\` says which; install them: \`reindeer migrate --source --connection ${connection}\``;
}
