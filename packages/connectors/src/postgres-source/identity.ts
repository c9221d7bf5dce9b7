import { failureKind } from '../postgres/failure.ts';
import { runStatement } from '../postgres/statement.ts';
import { TIMELINE } from '../postgres/timeline.ts';
import type { Position, SourceDescription } from '../source.ts';
import type { SourceContext } from './context.ts';

const IDENTITY_TIMEOUT_MS = 30_000;

/** SQL for the timeline at the time of a statement; -1 on a replica. 0 where the server keeps it to itself. */
export function timelineNow({ timeline }: { readonly timeline: number }): string {
  return `case when pg_is_in_recovery() then -1 else ${timeline === 0 ? '0' : TIMELINE} end`;
}

/** Positions of two databases of a server must not be taken for each other either. */
const SYSTEM = `select s.system_identifier || '/' || d.oid from pg_control_system() as s, pg_catalog.pg_database as d where d.datname = current_database()`;
const TIMELINE_OF_ANY = `case when pg_is_in_recovery() then (select timeline_id from pg_control_checkpoint()) else ${TIMELINE} end`;

/** Which database this is: another one under the same address must not be taken for it (rule 16). */
export async function sourceIdentity(
  context: SourceContext,
  signal: AbortSignal,
): Promise<SourceDescription['identity']> {
  const both = await valueWherePermitted(context, `select (${SYSTEM}) || ' ' || (${TIMELINE_OF_ANY})`, signal);
  const [system, timeline] = both?.split(' ') ?? [
    await valueWherePermitted(context, SYSTEM, signal),
    await valueWherePermitted(context, `select ${TIMELINE_OF_ANY}`, signal),
  ];
  return { system: system ?? (await databaseName(context, signal)), timeline: Number(timeline ?? 0) };
}

/** A snapshot taken now, in the database's own text. */
export async function sourcePosition(context: SourceContext, signal: AbortSignal): Promise<Position> {
  const identity = await sourceIdentity(context, signal);
  const text = 'select pg_current_snapshot()';
  const answer = await runStatement(context.pool, { text, timeoutMs: IDENTITY_TIMEOUT_MS }, signal);
  return { ...identity, at: answer.rows[0]?.[0] ?? '', relations: '' };
}

/** Where the control file may not be read: stays the same on every replica and through restarts, differs in a restored dump. */
async function databaseName(context: SourceContext, signal: AbortSignal): Promise<string> {
  const text = `select 'database:' || oid || ':' || datname from pg_catalog.pg_database where datname = current_database()`;
  const answer = await runStatement(context.pool, { text, timeoutMs: IDENTITY_TIMEOUT_MS }, signal);
  return answer.rows[0]?.[0] ?? '';
}

async function valueWherePermitted(context: SourceContext, text: string, signal: AbortSignal): Promise<string | null> {
  try {
    const answer = await runStatement(context.pool, { text, timeoutMs: IDENTITY_TIMEOUT_MS }, signal);
    return answer.rows[0]?.[0] ?? null;
  } catch (error) {
    // Some hosted servers keep these functions to themselves, or do not have them.
    const kind = failureKind(error);
    if (kind === 'permission' || kind === 'statement') return null;
    throw error;
  }
}
